<?php

/**
 * The statements are those that Backdrop would send: SHOW CREATE TABLE gives the same afterwards.
 */
class DatabaseSchema_mysql extends DatabaseSchema
{
    const TABLE_COMMENT = 60;
    const FIELD_COMMENT = 255;

    public function tableExists($table)
    {
        list($where, $args) = $this->place($this->connection->fullName($table));
        return (bool) $this->connection->query("SELECT 1 FROM information_schema.tables WHERE $where", $args)->fetchField();
    }

    public function fieldExists($table, $field)
    {
        list($where, $args) = $this->place($this->connection->fullName($table));
        $args[':field'] = $field;
        $sql = "SELECT 1 FROM information_schema.columns WHERE $where AND column_name = :field";
        return (bool) $this->connection->query($sql, $args)->fetchField();
    }

    public function indexExists($table, $name)
    {
        $args = array(':name' => $name);
        return (bool) $this->connection->query('SHOW INDEX FROM {' . $table . '} WHERE key_name = :name', $args)->fetchAssoc();
    }

    public function findTables($expression)
    {
        list($where, $args) = $this->place(str_replace('`', '', $expression), 'LIKE');
        $sql = "SELECT table_name FROM information_schema.tables WHERE $where ORDER BY table_name";
        return $this->connection->query($sql, $args)->fetchAllKeyed(0, 0);
    }

    /**
     * @param string $full_name
     *   A prefix may put a table into another database: DATABASE.TABLE.
     * @param string $operator
     *
     * @return array{0: string, 1: array<string, string>}
     */
    private function place($full_name, $operator = '=')
    {
        $options = $this->connection->getConnectionOptions();
        $parts = explode('.', $full_name, 2);
        $database = count($parts) === 2 ? $parts[0] : $options['database'];
        $args = array(':database' => $database, ':table' => end($parts));
        return array("table_schema = :database AND table_name $operator :table", $args);
    }

    protected function doCreateTable($name, array $table)
    {
        $lines = array();
        foreach ($table['fields'] as $field => $spec) {
            $lines[] = $this->fieldSql($field, $spec);
        }
        $lines = array_merge($lines, $this->keysSql($table));
        $options = $this->connection->getConnectionOptions();
        $wide = empty($options['charset']) || $options['charset'] === 'utf8mb4';
        $engine = isset($table['mysql_engine']) ? $table['mysql_engine'] : 'InnoDB';
        $charset = isset($table['mysql_character_set']) ? $table['mysql_character_set'] : ($wide ? 'utf8mb4' : 'utf8');
        $sql = 'CREATE TABLE ' . $this->quoted($name) . " (\n" . implode(",\n", $lines) . "\n) ENGINE = $engine DEFAULT CHARACTER SET $charset";
        $sql .= empty($options['collation']) ? '' : ' COLLATE ' . $options['collation'];
        $sql .= $wide ? ' ROW_FORMAT=DYNAMIC' : '';
        if (!empty($table['description'])) {
            $sql .= ' COMMENT ' . $this->comment($table['description'], self::TABLE_COMMENT);
        }
        $this->connection->send($sql);
    }

    protected function doRenameTable($table, $new_name)
    {
        $this->connection->send('ALTER TABLE ' . $this->quoted($table) . ' RENAME TO ' . $this->quoted($new_name));
    }

    protected function doAddField($table, $field, array $spec, array $keys)
    {
        $this->alter($table, 'ADD ' . $this->fieldSql($field, $spec), $keys);
    }

    protected function doDropField($table, $field)
    {
        $this->alter($table, "DROP `$field`");
    }

    protected function doChangeField($table, $field, $new_name, array $spec, array $keys)
    {
        $this->alter($table, "CHANGE `$field` " . $this->fieldSql($new_name, $spec), $keys);
    }

    protected function doSetDefault($table, $field, $default)
    {
        $this->alter($table, "ALTER COLUMN `$field` " . ($default === null ? 'DROP DEFAULT' : "SET DEFAULT $default"));
    }

    protected function doAddPrimaryKey($table, array $fields)
    {
        $this->alter($table, 'ADD PRIMARY KEY (' . $this->columnsSql($fields) . ')');
    }

    protected function doDropPrimaryKey($table)
    {
        $this->alter($table, 'DROP PRIMARY KEY');
    }

    protected function doAddIndex($table, $name, array $fields, $unique)
    {
        $this->alter($table, 'ADD ' . ($unique ? 'UNIQUE KEY' : 'INDEX') . " `$name` (" . $this->columnsSql($fields) . ')');
    }

    protected function doDropIndex($table, $name)
    {
        $this->alter($table, "DROP INDEX `$name`");
    }

    private function alter($table, $change, array $keys = array())
    {
        $changes = array($change);
        foreach ($this->keysSql($keys) as $key) {
            $changes[] = 'ADD ' . $key;
        }
        $this->connection->send('ALTER TABLE ' . $this->quoted($table) . ' ' . implode(', ', $changes));
    }

    /** @return string */
    private function quoted($table)
    {
        return $this->connection->prefixTables('{' . $table . '}');
    }

    /** @return string */
    private function fieldSql($field, array $spec)
    {
        $sql = "`$field` " . $this->typeSql($field, $spec);
        if (!empty($spec['binary']) && self::isText($this->typeName($field, $spec))) {
            $sql .= ' BINARY';
        }
        if (!empty($spec['unsigned'])) {
            $sql .= ' unsigned';
        }
        if (isset($spec['not null'])) {
            $sql .= $spec['not null'] ? ' NOT NULL' : ' NULL';
        }
        if ($spec['type'] === 'serial') {
            $sql .= ' auto_increment';
        }
        if (array_key_exists('default', $spec)) {
            $sql .= ' DEFAULT ' . $this->literal($spec['default']);
        }
        if (empty($spec['not null']) && !isset($spec['default']) && $spec['type'] !== 'serial' && !array_key_exists('default', $spec)) {
            $sql .= ' DEFAULT NULL';
        }
        if (!empty($spec['description'])) {
            $sql .= ' COMMENT ' . $this->comment($spec['description'], self::FIELD_COMMENT);
        }
        return $sql;
    }

    /** @return array<int, string> */
    private function keysSql(array $keys)
    {
        $sql = array();
        if (!empty($keys['primary key'])) {
            $sql[] = 'PRIMARY KEY (' . $this->columnsSql($keys['primary key']) . ')';
        }
        foreach (isset($keys['unique keys']) ? $keys['unique keys'] : array() as $name => $fields) {
            $sql[] = "UNIQUE KEY `$name` (" . $this->columnsSql($fields) . ')';
        }
        foreach (isset($keys['indexes']) ? $keys['indexes'] : array() as $name => $fields) {
            $sql[] = "INDEX `$name` (" . $this->columnsSql($fields) . ')';
        }
        return $sql;
    }

    /** @return string */
    private function columnsSql(array $fields)
    {
        return implode(', ', array_map(function ($field) {
            return is_array($field) ? "`$field[0]`(" . (int) $field[1] . ')' : "`$field`";
        }, $fields));
    }

    /**
     * A description as SQL, cut at a word where it is too long, quotes and table marks replaced as Backdrop does.
     *
     * @param string $text
     * @param int $limit
     *   In characters.
     *
     * @return string
     */
    private function comment($text, $limit)
    {
        $text = str_replace('`', '', $this->connection->prefixTables(str_replace("'", '’', $text)));
        if (preg_match_all('/./su', $text) > $limit) {
            $keep = $limit - 1;
            // The longest start that ends before something which is neither letter nor number; else just the start.
            $found = preg_match('/^(.{1,' . $keep . '})[^\p{L}\p{N}\p{M}]/u', $text, $matches)
                || preg_match('/^(.{' . $keep . '})/su', $text, $matches);
            $text = rtrim($found ? $matches[1] : '', '.') . '…';
        }
        return $this->connection->quote($text);
    }
}
