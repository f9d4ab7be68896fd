<?php

/**
 * What db_insert() gives.
 */
class InsertQuery extends Query
{
    /** @var string */
    private $table;

    /** @var array<int, string> */
    private $fields = array();

    /** @var array<int, string> */
    private $defaults = array();

    /** @var array<int, array<int, mixed>> */
    private $rows = array();

    /** @var SelectQuery|null */
    private $from;

    /**
     * @param string $table
     * @param array<string, mixed> $options
     */
    public function __construct(DatabaseConnection $connection, $table, array $options = array())
    {
        parent::__construct($connection, $options, Database::RETURN_INSERT_ID);
        $this->table = $table;
    }

    /**
     * Names, or names with the values of a first row. Only the first call counts.
     *
     * @param array<int|string, mixed> $fields
     * @param array<int|string, mixed> $values
     *
     * @return $this
     */
    public function fields(array $fields, array $values = array())
    {
        if ($this->fields) {
            return $this;
        }
        if (!$values && $fields && !is_int(key($fields))) {
            $values = array_values($fields);
            $fields = array_keys($fields);
        }
        $this->fields = array_map('strval', array_values($fields));
        if ($values) {
            $this->rows[] = array_values($values);
        }
        return $this;
    }

    /**
     * A row: in the order of the fields, or by their names.
     *
     * @param array<int|string, mixed> $values
     *
     * @return $this
     */
    public function values(array $values)
    {
        if (is_int(key($values))) {
            $this->rows[] = array_values($values);
            return $this;
        }
        $row = array();
        foreach ($this->fields as $field) {
            if (!array_key_exists($field, $values)) {
                throw new PDOException("insert into $this->table: a row has no value for $field");
            }
            $row[] = $values[$field];
        }
        $this->rows[] = $row;
        return $this;
    }

    /**
     * @param array<int, string> $fields
     *
     * @return $this
     */
    public function useDefaults(array $fields)
    {
        $this->defaults = $fields;
        return $this;
    }

    /** @return $this */
    public function from(SelectQuery $query)
    {
        $this->from = $query;
        return $this;
    }

    /** @return mixed the serial number of the (first) row; NULL where there was nothing to insert */
    public function execute()
    {
        if (array_intersect($this->fields, $this->defaults)) {
            throw new FieldsOverlapException("insert into $this->table: a field has both a value and its default");
        }
        if ($this->from !== null) {
            $names = array_merge(array_keys($this->from->getFields()), array_keys($this->from->getExpressions()));
            return $this->fields($names)->send();
        }
        if (!$this->fields && !$this->defaults) {
            throw new NoFieldsException("insert into $this->table: no fields");
        }
        if (!$this->fields) {
            $sql = $this->connection->defaultRowSql('{' . $this->table . '}');
            return $this->connection->query($sql, array(), $this->options);
        }
        $rows = $this->rows;
        $this->rows = array();
        if (!$rows) {
            return null;
        }
        return $this->connection->driver() === 'mysql' ? $this->insertAtOnce($rows) : $this->insertOneByOne($rows);
    }

    /**
     * @param array<int, array<int, mixed>> $rows
     *
     * @return mixed
     */
    private function insertAtOnce(array $rows)
    {
        $binder = new BdupdateBareBinder($this->connection);
        $lists = array();
        foreach ($rows as $row) {
            $lists[] = '(' . implode(', ', array_map(array($binder, 'bind'), $row)) . ')';
        }
        $sql = $this->head() . ' VALUES ' . implode(', ', $lists);
        return $this->connection->query($sql, $binder->args, $this->options);
    }

    /**
     * One statement a row: SQLite limits the number of placeholders. All of them or none.
     *
     * @param array<int, array<int, mixed>> $rows
     *
     * @return mixed
     */
    private function insertOneByOne(array $rows)
    {
        $transaction = count($rows) > 1 ? $this->connection->startTransaction() : null;
        $first = null;
        try {
            foreach ($rows as $row) {
                $sql = $this->head() . ' VALUES (' . implode(', ', array_fill(0, count($row), '?')) . ')';
                $id = $this->connection->query($sql, $row, $this->options);
                $first = $first === null ? $id : $first;
            }
        } catch (PDOException $exception) {
            if ($transaction !== null) {
                $transaction->rollback();
            }
            throw $exception;
        }
        return $first;
    }

    /** @return string */
    private function head()
    {
        $names = array_map(array($this->connection, 'escapeField'), $this->fields);
        return 'INSERT INTO {' . $this->table . '} (' . implode(', ', $names) . ')';
    }

    public function sql(BdupdateBareBinder $binder)
    {
        if ($this->from !== null) {
            return $this->head() . ' ' . $this->from->sql($binder);
        }
        return $this->head() . ' VALUES (' . implode(', ', array_fill(0, count($this->fields), '?')) . ')';
    }
}

/**
 * What db_update() gives.
 */
class UpdateQuery extends BdupdateBareConditionalQuery
{
    /** @var string */
    private $table;

    /** @var array<string, mixed> */
    private $fields = array();

    /** @var array<string, array{expression: string, arguments: array<string, mixed>}> */
    private $expressions = array();

    /**
     * @param string $table
     * @param array<string, mixed> $options
     */
    public function __construct(DatabaseConnection $connection, $table, array $options = array())
    {
        parent::__construct($connection, array('return' => Database::RETURN_AFFECTED) + $options, Database::RETURN_AFFECTED);
        $this->table = $table;
    }

    /**
     * @param array<string, mixed> $fields
     *
     * @return $this
     */
    public function fields(array $fields)
    {
        $this->fields = $fields;
        return $this;
    }

    /**
     * Wins over a plain value for the same field.
     *
     * @param string $field
     * @param string $expression
     * @param array<string, mixed> $arguments
     *
     * @return $this
     */
    public function expression($field, $expression, array $arguments = array())
    {
        $this->expressions[$field] = array('expression' => $expression, 'arguments' => $arguments);
        return $this;
    }

    /** @return int rows that the conditions matched */
    public function execute()
    {
        return $this->send();
    }

    public function sql(BdupdateBareBinder $binder)
    {
        if (!$this->fields && !$this->expressions) {
            throw new NoFieldsException("update of $this->table: no fields");
        }
        $sets = array();
        foreach ($this->expressions as $field => $data) {
            $binder->take($data['arguments']);
            $sets[] = $this->connection->escapeField($field) . ' = ' . $data['expression'];
        }
        foreach (array_diff_key($this->fields, $this->expressions) as $field => $value) {
            $sets[] = $this->connection->escapeField($field) . ' = ' . $binder->bind($value);
        }
        $table = '{' . $this->connection->escapeTable($this->table) . '}';
        return "UPDATE $table SET " . implode(', ', $sets) . $this->whereSql($binder);
    }
}

/**
 * What db_delete() gives.
 */
class DeleteQuery extends BdupdateBareConditionalQuery
{
    /** @var string */
    private $table;

    /**
     * @param string $table
     * @param array<string, mixed> $options
     */
    public function __construct(DatabaseConnection $connection, $table, array $options = array())
    {
        parent::__construct($connection, array('return' => Database::RETURN_AFFECTED) + $options, Database::RETURN_AFFECTED);
        $this->table = $table;
    }

    /** @return int rows deleted */
    public function execute()
    {
        return $this->send();
    }

    public function sql(BdupdateBareBinder $binder)
    {
        return 'DELETE FROM {' . $this->connection->escapeTable($this->table) . '}' . $this->whereSql($binder);
    }
}

/**
 * What db_truncate() gives. A DELETE inside a transaction, as in Backdrop: TRUNCATE would commit on MySQL.
 */
class TruncateQuery extends Query
{
    /** @var string */
    private $table;

    /**
     * @param string $table
     * @param array<string, mixed> $options
     */
    public function __construct(DatabaseConnection $connection, $table, array $options = array())
    {
        parent::__construct($connection, array('return' => Database::RETURN_AFFECTED) + $options, Database::RETURN_AFFECTED);
        $this->table = $table;
    }

    /** @return int */
    public function execute()
    {
        return $this->send();
    }

    public function sql(BdupdateBareBinder $binder)
    {
        $delete = $this->connection->inTransaction() || $this->connection->driver() === 'sqlite';
        return ($delete ? 'DELETE FROM {' : 'TRUNCATE {') . $this->connection->escapeTable($this->table) . '}';
    }
}
