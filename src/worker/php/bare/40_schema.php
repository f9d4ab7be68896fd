<?php

/**
 * Changes of tables, with Backdrop's schema arrays. Which exception says what is Backdrop's: ...ObjectExists where something
 * is in the way, ...ObjectDoesNotExist where it is missing; what is to be dropped and is not there gives FALSE.
 */
abstract class DatabaseSchema
{
    /** @var DatabaseConnection */
    protected $connection;

    public function __construct(DatabaseConnection $connection)
    {
        $this->connection = $connection;
    }

    /** @return bool */
    abstract public function tableExists($table);

    /** @return bool */
    abstract public function fieldExists($table, $field);

    /** @return bool the primary key's name is PRIMARY */
    abstract public function indexExists($table, $name);

    /** @return array<string, string> full names that match the LIKE pattern, name => name */
    abstract public function findTables($expression);

    abstract protected function doCreateTable($name, array $table);

    abstract protected function doRenameTable($table, $new_name);

    abstract protected function doAddField($table, $field, array $spec, array $keys);

    abstract protected function doDropField($table, $field);

    abstract protected function doChangeField($table, $field, $new_name, array $spec, array $keys);

    /** @param string|null $default SQL; NULL: none */
    abstract protected function doSetDefault($table, $field, $default);

    abstract protected function doAddPrimaryKey($table, array $fields);

    abstract protected function doDropPrimaryKey($table);

    abstract protected function doAddIndex($table, $name, array $fields, $unique);

    abstract protected function doDropIndex($table, $name);

    // --- tables

    public function createTable($name, array $table)
    {
        $this->mustNotExist($this->tableExists($name), "create table $name", "table $name");
        if (empty($table['fields'])) {
            throw new BdupdateBareException("create table $name: its schema has no fields");
        }
        $this->doCreateTable($name, $table);
    }

    public function renameTable($table, $new_name)
    {
        $this->mustExist($this->tableExists($table), "rename table $table to $new_name", "table $table");
        $this->mustNotExist($this->tableExists($new_name), "rename table $table to $new_name", "table $new_name");
        $this->doRenameTable($table, $new_name);
    }

    /** @return bool */
    public function dropTable($table)
    {
        if (!$this->tableExists($table)) {
            return false;
        }
        $this->connection->query('DROP TABLE {' . $table . '}');
        return true;
    }

    // --- fields

    /**
     * A field that may not be NULL and has no default is added as one that may, filled with 'initial', and then changed.
     */
    public function addField($table, $field, array $spec, array $keys = array())
    {
        $this->mustExist($this->tableExists($table), "add field $table.$field", "table $table");
        $this->mustNotExist($this->fieldExists($table, $field), "add field $table.$field", "field $table.$field");
        $fix = !empty($spec['not null']) && !isset($spec['default']);
        $this->doAddField($table, $field, $fix ? array('not null' => false) + $spec : $spec, $keys);
        if (isset($spec['initial'])) {
            $this->connection->update($table)->fields(array($field => $spec['initial']))->execute();
        }
        if ($fix) {
            $this->doChangeField($table, $field, $field, $spec, array());
        }
    }

    /** @return bool */
    public function dropField($table, $field)
    {
        if (!$this->fieldExists($table, $field)) {
            return false;
        }
        $this->doDropField($table, $field);
        return true;
    }

    public function changeField($table, $field, $new_name, array $spec, array $keys = array())
    {
        $this->mustExist($this->fieldExists($table, $field), "change field $table.$field", "field $table.$field");
        if ($field !== $new_name) {
            $taken = $this->fieldExists($table, $new_name);
            $this->mustNotExist($taken, "rename field $table.$field to $new_name", "field $table.$new_name");
        }
        $this->doChangeField($table, $field, $new_name, $spec, $keys);
    }

    public function fieldSetDefault($table, $field, $default)
    {
        $this->mustExist($this->fieldExists($table, $field), "set the default of $table.$field", "field $table.$field");
        $this->doSetDefault($table, $field, $this->literal($default));
    }

    public function fieldSetNoDefault($table, $field)
    {
        $this->mustExist($this->fieldExists($table, $field), "remove the default of $table.$field", "field $table.$field");
        $this->doSetDefault($table, $field, null);
    }

    // --- keys

    public function addPrimaryKey($table, array $fields)
    {
        $this->mustExist($this->tableExists($table), "add a primary key to $table", "table $table");
        $this->mustNotExist($this->indexExists($table, 'PRIMARY'), "add a primary key to $table", "a primary key");
        $this->doAddPrimaryKey($table, $fields);
    }

    /** @return bool */
    public function dropPrimaryKey($table)
    {
        if (!$this->indexExists($table, 'PRIMARY')) {
            return false;
        }
        $this->doDropPrimaryKey($table);
        return true;
    }

    public function addUniqueKey($table, $name, array $fields)
    {
        $this->mustExist($this->tableExists($table), "add unique key $name to $table", "table $table");
        $this->mustNotExist($this->indexExists($table, $name), "add unique key $name to $table", "key $name");
        $this->doAddIndex($table, $name, $fields, true);
    }

    /** @return bool */
    public function dropUniqueKey($table, $name)
    {
        return $this->dropIndex($table, $name);
    }

    public function addIndex($table, $name, array $fields)
    {
        $this->mustExist($this->tableExists($table), "add index $name to $table", "table $table");
        $this->mustNotExist($this->indexExists($table, $name), "add index $name to $table", "index $name");
        $this->doAddIndex($table, $name, $fields, false);
    }

    /** @return bool */
    public function dropIndex($table, $name)
    {
        if (!$this->indexExists($table, $name)) {
            return false;
        }
        $this->doDropIndex($table, $name);
        return true;
    }

    /**
     * @return array<int, string> names without prefix lengths
     */
    public function fieldNames(array $fields)
    {
        return array_values(array_map(function ($field) {
            return is_array($field) ? $field[0] : $field;
        }, $fields));
    }

    // --- schema arrays

    /**
     * The database's word for a field's type and size. Both databases use MySQL's: SQLite finds its affinity in them.
     *
     * @return string
     */
    protected function typeName($field, array $spec)
    {
        $sizes = array(
            'varchar' => array('normal' => 'VARCHAR'),
            'char' => array('normal' => 'CHAR'),
            'text' => array(
                'tiny' => 'TINYTEXT', 'small' => 'TINYTEXT', 'medium' => 'MEDIUMTEXT', 'big' => 'LONGTEXT', 'normal' => 'TEXT',
            ),
            'int' => array(
                'tiny' => 'TINYINT', 'small' => 'SMALLINT', 'medium' => 'MEDIUMINT', 'big' => 'BIGINT', 'normal' => 'INT',
            ),
            'float' => array(
                'tiny' => 'FLOAT', 'small' => 'FLOAT', 'medium' => 'FLOAT', 'big' => 'DOUBLE', 'normal' => 'FLOAT',
            ),
            'numeric' => array('normal' => 'DECIMAL'),
            'blob' => array('big' => 'LONGBLOB', 'normal' => 'BLOB'),
            'date' => array('normal' => 'DATE'),
            'datetime' => array('normal' => 'DATETIME'),
            'time' => array('normal' => 'TIME'),
        );
        $sizes['serial'] = $sizes['int'];
        $type = isset($spec['type']) ? $spec['type'] : '(none)';
        $size = isset($spec['size']) ? $spec['size'] : 'normal';
        if (!isset($sizes[$type][$size])) {
            throw new BdupdateBareException("field $field: there is no type $type of size $size");
        }
        return $sizes[$type][$size];
    }

    /** @return bool */
    protected static function isText($type)
    {
        return strpos($type, 'CHAR') !== false || strpos($type, 'TEXT') !== false;
    }

    /**
     * Type with length or precision.
     *
     * @return string
     */
    protected function typeSql($field, array $spec)
    {
        $type = $this->typeName($field, $spec);
        if (self::isText($type)) {
            return isset($spec['length']) ? $type . '(' . (int) $spec['length'] . ')' : $type;
        }
        if (isset($spec['precision'], $spec['scale'])) {
            return $type . '(' . (int) $spec['precision'] . ', ' . (int) $spec['scale'] . ')';
        }
        return $type;
    }

    /**
     * A default value as SQL.
     *
     * @param mixed $value
     *
     * @return string
     */
    protected function literal($value)
    {
        if ($value === null) {
            return 'NULL';
        }
        if (is_bool($value)) {
            return $value ? '1' : '0';
        }
        return is_string($value) ? $this->connection->quote($value) : (string) json_encode($value);
    }

    /**
     * @param bool $there
     */
    private function mustExist($there, $doing, $what)
    {
        if (!$there) {
            throw new DatabaseSchemaObjectDoesNotExistException("cannot $doing: $what does not exist");
        }
    }

    /**
     * @param bool $there
     */
    private function mustNotExist($there, $doing, $what)
    {
        if ($there) {
            throw new DatabaseSchemaObjectExistsException("cannot $doing: $what exists already");
        }
    }
}
