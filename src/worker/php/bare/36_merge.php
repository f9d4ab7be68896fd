<?php

/**
 * What db_merge() gives: update the row that the key finds, or insert it.
 */
class MergeQuery extends BdupdateBareConditionalQuery
{
    const STATUS_INSERT = 1;
    const STATUS_UPDATE = 2;

    /** @var string */
    private $table;

    /** @var array<string, mixed> */
    private $insert = array();

    /** @var array<string, mixed> */
    private $update = array();

    /** @var array<int, string> */
    private $defaults = array();

    /** @var array<string, array{0: string, 1: array<string, mixed>}> */
    private $expressions = array();

    /** @var bool */
    private $updates = false;

    /**
     * @param string $table
     * @param array<string, mixed> $options
     */
    public function __construct(DatabaseConnection $connection, $table, array $options = array())
    {
        parent::__construct($connection, $options, Database::RETURN_AFFECTED);
        $this->table = $table;
    }

    /** @return $this */
    public function key(array $fields, array $values = array())
    {
        foreach (self::pairs($fields, $values) as $field => $value) {
            $this->insert[$field] = $value;
            $this->condition($field, $value);
        }
        return $this;
    }

    /** @return $this */
    public function fields(array $fields, array $values = array())
    {
        foreach (self::pairs($fields, $values) as $field => $value) {
            $this->insert[$field] = $value;
            $this->update[$field] = $value;
        }
        $this->updates = true;
        return $this;
    }

    /** @return $this */
    public function insertFields(array $fields, array $values = array())
    {
        $this->insert = self::pairs($fields, $values);
        return $this;
    }

    /** @return $this */
    public function updateFields(array $fields)
    {
        $this->update = $fields;
        $this->updates = true;
        return $this;
    }

    /** @return $this */
    public function useDefaults(array $fields)
    {
        $this->defaults = $fields;
        return $this;
    }

    /** @return $this */
    public function expression($field, $expression, array $arguments = array())
    {
        $this->expressions[$field] = array($expression, $arguments);
        $this->updates = true;
        return $this;
    }

    /** @return int|null STATUS_INSERT, STATUS_UPDATE, or NULL where the row was there and nothing is to be updated */
    public function execute()
    {
        if (count($this->where) === 0) {
            throw new InvalidMergeQueryException("merge into $this->table: no conditions");
        }
        if ($this->updates) {
            $update = $this->connection->update($this->table)->fields($this->update)->condition($this->where);
            foreach ($this->expressions as $field => $data) {
                $update->expression($field, $data[0], $data[1]);
            }
            if ($update->execute() > 0) {
                return self::STATUS_UPDATE;
            }
        } elseif ($this->rowExists()) {
            return null;
        }
        $insert = $this->connection->insert($this->table)->fields($this->insert);
        $insert->useDefaults($this->defaults)->execute();
        return self::STATUS_INSERT;
    }

    /**
     * @param array<int|string, mixed> $fields
     *   Names, or names with values.
     * @param array<int, mixed> $values
     *
     * @return array<string, mixed>
     */
    private static function pairs(array $fields, array $values)
    {
        return ($values ? array_combine($fields, $values) : $fields) ?: array();
    }

    /** @return bool */
    private function rowExists()
    {
        $select = $this->connection->select($this->table)->condition($this->where);
        $select->addExpression('1');
        return (bool) $select->execute()->fetchField();
    }

    public function sql(BdupdateBareBinder $binder)
    {
        return '';
    }
}
