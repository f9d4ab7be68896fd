<?php

/**
 * A table of SQLite as its CREATE TABLE, CREATE INDEX and CREATE TRIGGER statements say: read, changed, and written again.
 *
 * SQLite's ALTER TABLE cannot change a column, so most changes make the table anew (DatabaseSchema_sqlite::rebuild()). Whatever
 * a hand-made table has, such as CHECK, COLLATE or foreign keys, must come through that unharmed.
 */
class BdupdateBareSqliteTable
{
    /** The name of the UNIQUE that stands for a primary key beside a serial: SQLite's AUTOINCREMENT is always the primary key. */
    const PRIMARY = 'bdupdate_primary';

    /** Words that end a column's type. */
    const CONSTRAINT = '/^(CONSTRAINT|PRIMARY|NOT|NULL|UNIQUE|CHECK|DEFAULT|COLLATE|REFERENCES|GENERATED|AS)$/i';

    /** @var string full name */
    public $name;

    /**
     * By name: type, NOT NULL, default (SQL or NULL), COLLATE, auto (AUTOINCREMENT), rest (other constraints, each as tokens).
     *
     * @var array<string, array{type: string, not_null: bool, default: string|null, collate: string|null, auto: bool,
     *   rest: array<int, array<int, string>>}>
     */
    public $fields = array();

    /** @var array<int, string> field names */
    public $primary = array();

    /** @var array<int, array<int, string>> UNIQUE (...) without a name: field names */
    public $uniques = array();

    /** @var array<int, array<int, string>> other constraints of the table, as tokens */
    public $constraints = array();

    /** @var string what follows the closing parenthesis */
    public $options = '';

    /**
     * By full name. A part that is no plain column has the column NULL.
     *
     * @var array<string, array{unique: bool, parts: array<int, array{column: string|null, rest: array<int, string>}>,
     *   where: array<int, string>}>
     */
    public $indexes = array();

    /** @var array<int, string> CREATE TRIGGER statements */
    public $triggers = array();

    /** @param string $name */
    public function __construct($name)
    {
        $this->name = $name;
    }

    /**
     * @param array<int, stdClass> $rows
     *   Of sqlite_master: type, name, sql.
     *
     * @return BdupdateBareSqliteTable
     */
    public static function read($name, array $rows)
    {
        $table = new self($name);
        foreach ($rows as $row) {
            if ($row->type === 'table') {
                $table->readTable($row->sql);
            } elseif ($row->type === 'index' && $row->sql !== null) {
                $table->readIndex($row->name, $row->sql);
            } elseif ($row->type === 'trigger') {
                $table->triggers[] = $row->sql;
            }
        }
        return $table;
    }

    private function readTable($sql)
    {
        $tokens = new BdupdateBareSqlTokens($sql);
        while ($tokens->peek() !== '(' && $tokens->peek() !== null) {
            $tokens->next();
        }
        foreach (BdupdateBareSqlTokens::split($tokens->group()) as $part) {
            $definition = new BdupdateBareSqlTokens(implode(' ', $part));
            $this->isConstraint($part) ? $this->readConstraint($definition, $part) : $this->readField($definition);
        }
        $this->options = BdupdateBareSqlTokens::join($tokens->rest());
    }

    /**
     * @param array<int, string> $part
     *
     * @return bool
     */
    private function isConstraint(array $part)
    {
        return isset($part[0]) && preg_match('/^(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN)$/i', $part[0]) === 1;
    }

    /**
     * @param array<int, string> $part
     */
    private function readConstraint(BdupdateBareSqlTokens $tokens, array $part)
    {
        $named = $tokens->skip('CONSTRAINT') ? $tokens->name() : '';
        if ($tokens->skip('PRIMARY', 'KEY') || $tokens->skip('UNIQUE')) {
            $primary = $named === self::PRIMARY || strcasecmp($part[$named === '' ? 0 : 2], 'PRIMARY') === 0;
            $fields = array();
            foreach (BdupdateBareSqlTokens::split($tokens->group()) as $column) {
                $fields[] = BdupdateBareSqlTokens::unquote($column[0]);
            }
            $this->refuseConflictClause($tokens);
            if ($primary) {
                $this->primary = $fields;
            } else {
                $this->uniques[] = $fields;
            }
            return;
        }
        $this->constraints[] = $part;
    }

    private function readField(BdupdateBareSqlTokens $tokens)
    {
        $name = $tokens->name();
        $type = array();
        while ($tokens->peek() !== null && !preg_match(self::CONSTRAINT, $tokens->peek())) {
            $type[] = $tokens->next();
        }
        $this->fields[$name] = self::field(str_replace(' (', '(', BdupdateBareSqlTokens::join($type)));
        while ($tokens->peek() !== null) {
            $this->readFieldConstraint($name, $tokens);
        }
    }

    /**
     * @param string $type
     *
     * @return array{type: string, not_null: bool, default: string|null, collate: string|null, auto: bool,
     *   rest: array<int, array<int, string>>}
     */
    public static function field($type)
    {
        return array(
            'type' => $type, 'not_null' => false, 'default' => null, 'collate' => null, 'auto' => false, 'rest' => array(),
        );
    }

    private function readFieldConstraint($name, BdupdateBareSqlTokens $tokens)
    {
        if ($tokens->skip('CONSTRAINT')) {
            $tokens->next();
        }
        if ($tokens->skip('NOT', 'NULL')) {
            $this->fields[$name]['not_null'] = true;
        } elseif ($tokens->skip('PRIMARY', 'KEY')) {
            $tokens->skip('ASC');
            $this->primary = $this->primary ? $this->primary : array($name);
            $this->refuseConflictClause($tokens);
            $this->fields[$name]['auto'] = $tokens->skip('AUTOINCREMENT');
        } elseif ($tokens->skip('UNIQUE')) {
            $this->uniques[] = array($name);
        } elseif ($tokens->skip('DEFAULT')) {
            $this->fields[$name]['default'] = $this->readDefault($tokens);
        } elseif ($tokens->skip('COLLATE')) {
            $this->fields[$name]['collate'] = $tokens->next();
        } elseif (!$tokens->skip('NULL')) {
            $this->fields[$name]['rest'][] = $this->readOther($tokens);
        }
        $this->refuseConflictClause($tokens);
    }

    /** @return string SQL */
    private function readDefault(BdupdateBareSqlTokens $tokens)
    {
        if ($tokens->peek() === '(') {
            return '(' . BdupdateBareSqlTokens::join($tokens->group()) . ')';
        }
        $sign = $tokens->peek() === '-' || $tokens->peek() === '+' ? $tokens->next() : '';
        return $sign . $tokens->next();
    }

    /** @return array<int, string> CHECK (...), REFERENCES ..., GENERATED ..., up to the next constraint */
    private function readOther(BdupdateBareSqlTokens $tokens)
    {
        $other = array();
        do {
            if ($tokens->peek() === '(') {
                $other = array_merge($other, array('('), $tokens->group(), array(')'));
                continue;
            }
            $other[] = $tokens->next();
            $keeps = preg_match('/^(SET|ON)$/i', end($other)) === 1 || preg_match('/^ALWAYS$/i', end($other)) === 1;
            if ($keeps && $tokens->peek() !== null) {
                $other[] = $tokens->next();
            }
        } while ($tokens->peek() !== null && !preg_match(self::CONSTRAINT, $tokens->peek()));
        return $other;
    }

    private function refuseConflictClause(BdupdateBareSqlTokens $tokens)
    {
        if ($tokens->skip('ON', 'CONFLICT')) {
            throw BdupdateBareLimits::notPart("changing table $this->name, which has an ON CONFLICT clause,");
        }
    }

    private function readIndex($name, $sql)
    {
        $tokens = new BdupdateBareSqlTokens($sql);
        $tokens->skip('CREATE');
        $index = array('unique' => $tokens->skip('UNIQUE'), 'parts' => array(), 'where' => array());
        while ($tokens->peek() !== '(' && $tokens->peek() !== null) {
            $tokens->next();
        }
        foreach (BdupdateBareSqlTokens::split($tokens->group()) as $part) {
            $plain = !isset($part[1]) || preg_match('/^(COLLATE|ASC|DESC)$/i', $part[1]) === 1;
            $column = $plain ? BdupdateBareSqlTokens::unquote($part[0]) : null;
            $index['parts'][] = array('column' => $column, 'rest' => $plain ? array_slice($part, 1) : $part);
        }
        if ($tokens->skip('WHERE')) {
            $index['where'] = $tokens->rest();
        }
        $this->indexes[$name] = $index;
    }

    // --- changes

    /** Another name for a field, wherever it is mentioned. */
    public function renameField($field, $new_name)
    {
        $fields = array();
        foreach ($this->fields as $name => $definition) {
            foreach ($definition['rest'] as $index => $tokens) {
                $definition['rest'][$index] = BdupdateBareSqlTokens::renamed($tokens, $field, $new_name, $this->name);
            }
            $fields[(string) $name === (string) $field ? $new_name : $name] = $definition;
        }
        $this->fields = $fields;
        $rename = function ($name) use ($field, $new_name) {
            return strcasecmp($name, $field) === 0 ? $new_name : $name;
        };
        $this->primary = array_map($rename, $this->primary);
        foreach ($this->uniques as $index => $names) {
            $this->uniques[$index] = array_map($rename, $names);
        }
        foreach ($this->constraints as $index => $tokens) {
            $this->constraints[$index] = BdupdateBareSqlTokens::renamed($tokens, $field, $new_name, $this->name);
        }
        foreach ($this->indexes as $name => $index) {
            foreach ($index['parts'] as $at => $part) {
                if ($part['column'] !== null) {
                    $part['column'] = $rename($part['column']);
                } else {
                    $part['rest'] = BdupdateBareSqlTokens::renamed($part['rest'], $field, $new_name, $this->name);
                }
                $index['parts'][$at] = $part;
            }
            $index['where'] = BdupdateBareSqlTokens::renamed($index['where'], $field, $new_name, $this->name);
            $this->indexes[$name] = $index;
        }
    }

    /** A field goes, and with it its places in keys and indexes; one that has no field left goes too. */
    public function dropField($field)
    {
        unset($this->fields[$field]);
        $keep = function ($name) use ($field) {
            return strcasecmp($name, $field) !== 0;
        };
        $this->primary = array_values(array_filter($this->primary, $keep));
        foreach ($this->uniques as $index => $names) {
            $this->uniques[$index] = array_values(array_filter($names, $keep));
        }
        $this->uniques = array_values(array_filter($this->uniques));
        $mentions = $this->constraints;
        foreach ($this->fields as $definition) {
            $mentions = array_merge($mentions, $definition['rest']);
        }
        foreach ($this->indexes as $name => $index) {
            $mentions[] = $index['where'];
            foreach ($index['parts'] as $at => $part) {
                if ($part['column'] === null) {
                    $mentions[] = $part['rest'];
                } elseif (!$keep($part['column'])) {
                    unset($this->indexes[$name]['parts'][$at]);
                }
            }
            if (!$this->indexes[$name]['parts']) {
                unset($this->indexes[$name]);
            }
        }
        foreach ($mentions as $tokens) {
            if (BdupdateBareSqlTokens::mentions($tokens, $field, $this->name)) {
                $sql = BdupdateBareSqlTokens::join($tokens);
                throw new BdupdateBareException("cannot drop field $field of table $this->name: $sql needs it");
            }
        }
    }

    // --- as SQL

    /** @return string CREATE TABLE, under another name if one is given */
    public function createSql($name = null)
    {
        $lines = array();
        $auto = null;
        foreach ($this->fields as $field => $definition) {
            $lines[] = $this->fieldSql((string) $field, $definition);
            $auto = $definition['auto'] ? (string) $field : $auto;
        }
        if ($this->primary && $this->primary !== array($auto)) {
            $kind = $auto === null ? 'PRIMARY KEY' : 'CONSTRAINT ' . self::PRIMARY . ' UNIQUE';
            $lines[] = $kind . ' (' . self::names($this->primary) . ')';
        }
        foreach ($this->uniques as $unique) {
            $lines[] = 'UNIQUE (' . self::names($unique) . ')';
        }
        foreach ($this->constraints as $constraint) {
            $lines[] = BdupdateBareSqlTokens::join($constraint);
        }
        $quoted = BdupdateBareSqlTokens::quote($name === null ? $this->name : $name);
        return rtrim("CREATE TABLE $quoted (\n  " . implode(",\n  ", $lines) . "\n) $this->options");
    }

    /**
     * @param array{type: string, not_null: bool, default: string|null, collate: string|null, auto: bool,
     *   rest: array<int, array<int, string>>} $definition
     *
     * @return string
     */
    public function fieldSql($field, array $definition)
    {
        $sql = BdupdateBareSqlTokens::quote($field) . ' ' . ($definition['auto'] ? 'INTEGER' : $definition['type']);
        $sql .= $definition['not_null'] ? ' NOT NULL' : '';
        $sql .= $definition['auto'] ? ' PRIMARY KEY AUTOINCREMENT' : '';
        $sql .= $definition['default'] === null ? '' : ' DEFAULT ' . $definition['default'];
        $sql .= $definition['collate'] === null ? '' : ' COLLATE ' . $definition['collate'];
        foreach ($definition['rest'] as $tokens) {
            $sql .= ' ' . BdupdateBareSqlTokens::join($tokens);
        }
        return $sql;
    }

    /** @return string CREATE INDEX */
    public function indexSql($name)
    {
        $index = $this->indexes[$name];
        $parts = array();
        foreach ($index['parts'] as $part) {
            $tokens = $part['rest'];
            if ($part['column'] !== null) {
                array_unshift($tokens, BdupdateBareSqlTokens::quote($part['column']));
            }
            $parts[] = BdupdateBareSqlTokens::join($tokens);
        }
        $sql = 'CREATE ' . ($index['unique'] ? 'UNIQUE ' : '') . 'INDEX ' . BdupdateBareSqlTokens::quote($name) . ' ON '
            . BdupdateBareSqlTokens::quote($this->name) . ' (' . implode(', ', $parts) . ')';
        return $index['where'] ? $sql . ' WHERE ' . BdupdateBareSqlTokens::join($index['where']) : $sql;
    }

    /**
     * @param array<int, string> $fields
     *
     * @return string
     */
    private static function names(array $fields)
    {
        return implode(', ', array_map(array('BdupdateBareSqlTokens', 'quote'), $fields));
    }
}
