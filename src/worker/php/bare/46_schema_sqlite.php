<?php

/**
 * SQLite. Everything is done inside the open transaction; what ALTER TABLE cannot do makes the table anew.
 *
 * Types keep MySQL's names, which SQLite gives the fitting affinity, except a serial: that must be INTEGER. `unsigned` is a CHECK;
 * text ignores the case of ASCII letters unless it is `binary`; prefix lengths of indexes are left out.
 */
class DatabaseSchema_sqlite extends DatabaseSchema
{
    /** Added to the table's name while it is made anew. */
    const REBUILD = '_bdupdate_rebuild';

    public function tableExists($table)
    {
        $sql = "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = :name COLLATE NOCASE";
        return (bool) $this->connection->send($sql, array(':name' => $this->full($table)))->fetchField();
    }

    public function fieldExists($table, $field)
    {
        $sql = 'SELECT 1 FROM pragma_table_info(:name) WHERE name = :field COLLATE NOCASE';
        return (bool) $this->connection->send($sql, array(':name' => $this->full($table), ':field' => $field))->fetchField();
    }

    public function indexExists($table, $name)
    {
        if ($name === 'PRIMARY') {
            return (bool) $this->read($table)->primary;
        }
        return $this->indexName($table, $name) !== null;
    }

    public function findTables($expression)
    {
        $sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE :name AND name NOT LIKE 'sqlite\\_%' ORDER BY name";
        $names = $this->connection->send($sql, array(':name' => str_replace('`', '', $expression)))->fetchCol();
        return array_combine($names, $names) ?: array();
    }

    protected function doCreateTable($name, array $spec)
    {
        $table = new BdupdateBareSqliteTable($this->full($name));
        foreach ($spec['fields'] as $field => $field_spec) {
            $table->fields[$field] = $this->definition($field, $field_spec);
        }
        $this->addKeys($table, $spec);
        $this->connection->send($table->createSql());
        foreach (array_keys($table->indexes) as $index) {
            $this->connection->send($table->indexSql($index));
        }
    }

    protected function doRenameTable($table, $new_name)
    {
        $old = $this->full($table);
        $new = $this->full($new_name);
        $read = $this->read($table);
        $this->connection->send('ALTER TABLE ' . $this->quote($old) . ' RENAME TO ' . $this->quote($new));
        $read->name = $new;
        foreach (array_keys($read->indexes) as $index) {
            if (strpos($index, $old . '_') !== 0) {
                continue;
            }
            $name = $new . substr($index, strlen($old));
            $read->indexes[$name] = $read->indexes[$index];
            $this->connection->send('DROP INDEX ' . $this->quote($index));
            $this->connection->send($read->indexSql($name));
        }
    }

    protected function doAddField($table, $field, array $spec, array $keys)
    {
        $definition = $this->definition($field, $spec);
        $read = $this->read($table);
        $constant = $definition['default'] === null || strpos($definition['default'], '(') === false;
        if (!$keys && !$definition['auto'] && $constant && (!$definition['not_null'] || $definition['default'] !== null)) {
            $sql = 'ALTER TABLE ' . $this->quote($read->name) . ' ADD COLUMN ' . $read->fieldSql($field, $definition);
            $this->connection->send($sql);
            return;
        }
        $read->fields[$field] = $definition;
        $this->addKeys($read, $keys);
        $this->rebuild($read, array($field => null));
    }

    protected function doDropField($table, $field)
    {
        $read = $this->read($table);
        if (count($read->fields) === 1) {
            throw new PDOException("cannot drop field $table.$field: a table has at least one field; drop the table");
        }
        $read->dropField($this->exact($read, $field));
        $this->rebuild($read);
    }

    protected function doChangeField($table, $field, $new_name, array $spec, array $keys)
    {
        $read = $this->read($table);
        $field = $this->exact($read, $field);
        if (!empty($keys['primary key']) && $read->primary) {
            throw new PDOException("cannot change field $table.$field: the table has a primary key already");
        }
        if ($field !== $new_name) {
            $read->renameField($field, $new_name);
        }
        $definition = $this->definition($new_name, $spec);
        // What Backdrop's schema arrays cannot say, such as a foreign key, stays; the CHECK of `unsigned` is made anew.
        foreach ($read->fields[$new_name]['rest'] as $tokens) {
            if ($tokens !== $this->unsignedCheck($new_name)) {
                $definition['rest'][] = $tokens;
            }
        }
        $read->fields[$new_name] = $definition;
        $this->addKeys($read, $keys);
        $this->rebuild($read, array($new_name => $field));
    }

    protected function doSetDefault($table, $field, $default)
    {
        $read = $this->read($table);
        $read->fields[$this->exact($read, $field)]['default'] = $default;
        $this->rebuild($read);
    }

    protected function doAddPrimaryKey($table, array $fields)
    {
        $read = $this->read($table);
        $this->addKeys($read, array('primary key' => $fields));
        $this->rebuild($read);
    }

    protected function doDropPrimaryKey($table)
    {
        $read = $this->read($table);
        foreach ($read->primary as $field) {
            if ($read->fields[$field]['auto']) {
                throw new PDOException("cannot drop the primary key of $table: its serial $field must be a key");
            }
        }
        $read->primary = array();
        $this->rebuild($read);
    }

    protected function doAddIndex($table, $name, array $fields, $unique)
    {
        $read = $this->read($table);
        $keys = array($unique ? 'unique keys' : 'indexes' => array($name => $fields));
        $this->addKeys($read, $keys);
        $this->connection->send($read->indexSql($read->name . '_' . $name));
    }

    protected function doDropIndex($table, $name)
    {
        if ($name === 'PRIMARY') {
            $this->doDropPrimaryKey($table);
            return;
        }
        $this->connection->send('DROP INDEX ' . $this->quote((string) $this->indexName($table, $name)));
    }

    // --- helpers

    /** @return string */
    private function full($table)
    {
        return $this->connection->fullName($table);
    }

    /** @return string */
    private function quote($name)
    {
        return BdupdateBareSqlTokens::quote($name);
    }

    /**
     * The full name of an index: TABLE_NAME, or NAME for one that was made by hand.
     *
     * @return string|null
     */
    private function indexName($table, $name)
    {
        $sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table COLLATE NOCASE AND name = :name";
        foreach (array($this->full($table) . '_' . $name, $name) as $candidate) {
            $args = array(':table' => $this->full($table), ':name' => $candidate);
            if ($this->connection->send($sql, $args)->fetchField() !== false) {
                return $candidate;
            }
        }
        return null;
    }

    /** @return BdupdateBareSqliteTable */
    private function read($table)
    {
        $sql = 'SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name = :name COLLATE NOCASE ORDER BY rowid';
        $rows = array_values($this->connection->send($sql, array(':name' => $this->full($table)))->fetchAll());
        return BdupdateBareSqliteTable::read($rows ? $rows[0]->tbl_name : $this->full($table), $rows);
    }

    /** @return string the field's name as the table writes it */
    private function exact(BdupdateBareSqliteTable $table, $field)
    {
        foreach (array_keys($table->fields) as $name) {
            if (strcasecmp((string) $name, $field) === 0) {
                return (string) $name;
            }
        }
        return $field;
    }

    /**
     * A field's schema array as SQLite has it.
     *
     * @return array{type: string, not_null: bool, default: string|null, collate: string|null, auto: bool,
     *   rest: array<int, array<int, string>>}
     */
    private function definition($field, array $spec)
    {
        $definition = BdupdateBareSqliteTable::field($this->typeSql($field, $spec));
        $definition['not_null'] = !empty($spec['not null']);
        $definition['auto'] = $spec['type'] === 'serial';
        if (isset($spec['default'])) {
            $definition['default'] = $this->literal($spec['default']);
        }
        if (self::isText($definition['type']) && empty($spec['binary'])) {
            $definition['collate'] = 'NOCASE';
        }
        if (!empty($spec['unsigned'])) {
            $definition['rest'][] = $this->unsignedCheck($field);
        }
        return $definition;
    }

    /** @return array<int, string> tokens */
    private function unsignedCheck($field)
    {
        return array('CHECK', '(', $this->quote($field), '>=', '0', ')');
    }

    /** Adds keys of a schema array; fields of a primary key may not be NULL, as in MySQL. */
    private function addKeys(BdupdateBareSqliteTable $table, array $keys)
    {
        if (!empty($keys['primary key'])) {
            $table->primary = $this->fieldNames($keys['primary key']);
            foreach ($table->primary as $field) {
                if (!isset($table->fields[$field])) {
                    throw new PDOException("primary key of $table->name: there is no field $field");
                }
                $table->fields[$field]['not_null'] = true;
            }
        }
        foreach (array('unique keys' => true, 'indexes' => false) as $kind => $unique) {
            foreach (isset($keys[$kind]) ? $keys[$kind] : array() as $name => $fields) {
                $parts = array();
                foreach ($this->fieldNames($fields) as $field) {
                    $parts[] = array('column' => $field, 'rest' => array());
                }
                $table->indexes[$table->name . '_' . $name] = array('unique' => $unique, 'parts' => $parts, 'where' => array());
            }
        }
    }

    /**
     * Makes the table anew as it is described, with its rows, indexes, triggers and serial counter.
     *
     * @param array<string, string|null> $sources
     *   New field => the field it takes its values from; NULL: it has none.
     */
    private function rebuild(BdupdateBareSqliteTable $table, array $sources = array())
    {
        $into = array();
        $from = array();
        foreach (array_keys($table->fields) as $field) {
            $source = array_key_exists($field, $sources) ? $sources[$field] : (string) $field;
            if ($source !== null && !$this->isGenerated($table, (string) $field)) {
                $into[] = $this->quote((string) $field);
                $from[] = $this->quote($source);
            }
        }
        $scratch = $table->name . self::REBUILD;
        $counter = $this->counter($table->name);
        $this->connection->send($table->createSql($scratch));
        $copy = 'INSERT INTO ' . $this->quote($scratch) . ' (' . implode(', ', $into) . ') SELECT ' . implode(', ', $from);
        $this->connection->send($copy . ' FROM ' . $this->quote($table->name));
        $this->connection->send('DROP TABLE ' . $this->quote($table->name));
        // The old way of renaming leaves views and triggers that mention the table alone.
        $this->connection->send('PRAGMA legacy_alter_table = ON');
        $this->connection->send('ALTER TABLE ' . $this->quote($scratch) . ' RENAME TO ' . $this->quote($table->name));
        $this->connection->send('PRAGMA legacy_alter_table = OFF');
        foreach (array_keys($table->indexes) as $index) {
            $this->connection->send($table->indexSql($index));
        }
        foreach ($table->triggers as $trigger) {
            $this->connection->send($trigger);
        }
        if ($counter !== null && $this->counter($table->name) !== null) {
            $sql = 'UPDATE sqlite_sequence SET seq = MAX(seq, :seq) WHERE name = :name';
            $this->connection->send($sql, array(':seq' => $counter, ':name' => $table->name));
        }
    }

    /** @return bool */
    private function isGenerated(BdupdateBareSqliteTable $table, $field)
    {
        foreach ($table->fields[$field]['rest'] as $tokens) {
            if (preg_match('/^(GENERATED|AS)$/i', $tokens[0])) {
                return true;
            }
        }
        return false;
    }

    /** @return int|null the last serial number that the table gave; NULL where it has no serial or gave none */
    private function counter($name)
    {
        $there = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'";
        if ($this->connection->send($there)->fetchField() === false) {
            return null;
        }
        $seq = $this->connection->send('SELECT seq FROM sqlite_sequence WHERE name = :name', array(':name' => $name))->fetchField();
        return $seq === false ? null : (int) $seq;
    }
}
