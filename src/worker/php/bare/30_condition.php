<?php

/**
 * Collects the arguments of a statement while its SQL is written.
 */
class BdupdateBareBinder
{
    /** @var DatabaseConnection */
    public $connection;

    /** @var array<string, mixed> */
    public $args = array();

    /** @var int */
    private $next = 0;

    public function __construct(DatabaseConnection $connection)
    {
        $this->connection = $connection;
    }

    /**
     * @param mixed $value
     *
     * @return string the placeholder that stands for the value
     */
    public function bind($value)
    {
        $name = ':bdupdate_' . $this->next++;
        $this->args[$name] = $value;
        return $name;
    }

    /**
     * Arguments that somebody else's SQL names.
     *
     * @param array<string, mixed> $args
     */
    public function take(array $args)
    {
        $this->args += $args;
    }
}

/**
 * Conditions joined by AND, OR or XOR: what db_and(), db_or() and db_condition() give.
 */
class DatabaseCondition implements QueryConditionInterface, Countable
{
    /** @var string */
    private $conjunction;

    /** @var array<int, array{field: mixed, value: mixed, operator: string|null}> */
    private $list = array();

    /** @param string $conjunction */
    public function __construct($conjunction)
    {
        $this->conjunction = trim(strtoupper($conjunction));
    }

    /** @return int */
    #[\ReturnTypeWillChange]
    public function count()
    {
        return count($this->list);
    }

    /**
     * @param mixed $field
     *   A field's name, or another condition.
     * @param mixed $value
     *   A value, a list (IN), or a query.
     * @param string|null $operator
     *
     * @return $this
     */
    public function condition($field, $value = null, $operator = null)
    {
        $operator = $operator === null ? (is_array($value) ? 'IN' : '=') : strtoupper(trim($operator));
        $this->list[] = array('field' => $field, 'value' => $value, 'operator' => $operator);
        return $this;
    }

    /**
     * @param string $snippet
     * @param array<string, mixed> $args
     *
     * @return $this
     */
    public function where($snippet, $args = array())
    {
        $this->list[] = array('field' => $snippet, 'value' => $args, 'operator' => null);
        return $this;
    }

    /** @return $this */
    public function isNull($field)
    {
        return $this->condition($field, null, 'IS NULL');
    }

    /** @return $this */
    public function isNotNull($field)
    {
        return $this->condition($field, null, 'IS NOT NULL');
    }

    /** @return $this */
    public function exists(SelectQueryInterface $select)
    {
        return $this->condition('', $select, 'EXISTS');
    }

    /** @return $this */
    public function notExists(SelectQueryInterface $select)
    {
        return $this->condition('', $select, 'NOT EXISTS');
    }

    /** @return array<int, array{field: mixed, value: mixed, operator: string|null}> */
    public function conditions()
    {
        return $this->list;
    }

    /** @return string */
    public function sql(BdupdateBareBinder $binder)
    {
        $parts = array();
        foreach ($this->list as $item) {
            $parts[] = '(' . $this->one($item['field'], $item['value'], $item['operator'], $binder) . ')';
        }
        return implode(' ' . $this->conjunction . ' ', $parts);
    }

    /**
     * @param mixed $field
     * @param mixed $value
     * @param string|null $operator
     *
     * @return string
     */
    private function one($field, $value, $operator, BdupdateBareBinder $binder)
    {
        if ($operator === null) {
            $binder->take($value);
            return $field;
        }
        if ($field instanceof DatabaseCondition) {
            return $field->sql($binder);
        }
        $left = $binder->connection->escapeField($field);
        if ($operator === 'IS NULL' || $operator === 'IS NOT NULL') {
            return $left . ' ' . $operator;
        }
        if ($value instanceof SelectQuery) {
            return trim($left . ' ' . $operator . ' (' . $value->sql($binder) . ')');
        }
        return $left . ' ' . $operator . ' ' . $this->right($field, $value, $operator, $binder);
    }

    /**
     * @param mixed $field
     * @param mixed $value
     * @param string $operator
     *
     * @return string
     */
    private function right($field, $value, $operator, BdupdateBareBinder $binder)
    {
        switch ($operator) {
            case 'IN':
            case 'NOT IN':
                $values = is_array($value) ? $value : array($value);
                if (!$values) {
                    throw new PDOException("condition on $field: an empty list makes no valid SQL");
                }
                return '(' . implode(', ', array_map(array($binder, 'bind'), $values)) . ')';
            case 'BETWEEN':
            case 'NOT BETWEEN':
                return implode(' AND ', array_map(array($binder, 'bind'), array_values($value)));
            case 'LIKE':
            case 'NOT LIKE':
                return $binder->bind($value) . $binder->connection->likeSuffix();
        }
        if (is_array($value)) {
            throw new PDOException("condition on $field: operator $operator takes no list");
        }
        return $binder->bind($value);
    }

    public function __clone()
    {
        foreach ($this->list as $index => $item) {
            foreach (array('field', 'value') as $key) {
                if (is_object($item[$key])) {
                    $this->list[$index][$key] = clone $item[$key];
                }
            }
        }
    }
}

/**
 * A query that is being built.
 */
abstract class Query
{
    /** @var DatabaseConnection */
    protected $connection;

    /** @var array<string, mixed> */
    protected $options;

    /**
     * @param array<string, mixed> $options
     * @param int $return
     *   Database::RETURN_…
     */
    public function __construct(DatabaseConnection $connection, array $options, $return)
    {
        $this->connection = $connection;
        $this->options = $options + array('return' => $return);
    }

    /** @return string */
    abstract public function sql(BdupdateBareBinder $binder);

    /** @return string for people: arguments stand as placeholders */
    public function __toString()
    {
        return $this->sql(new BdupdateBareBinder($this->connection));
    }

    /**
     * Comments never reach the server.
     *
     * @param string $comment
     *
     * @return $this
     */
    public function comment($comment)
    {
        return $this;
    }

    /** @return mixed */
    protected function send()
    {
        $binder = new BdupdateBareBinder($this->connection);
        $sql = $this->sql($binder);
        return $this->connection->query($sql, $binder->args, $this->options);
    }
}

/**
 * A query with a WHERE.
 */
abstract class BdupdateBareConditionalQuery extends Query implements QueryConditionInterface
{
    /** @var DatabaseCondition */
    protected $where;

    public function __construct(DatabaseConnection $connection, array $options, $return)
    {
        parent::__construct($connection, $options, $return);
        $this->where = new DatabaseCondition('AND');
    }

    /** @return $this */
    public function condition($field, $value = null, $operator = null)
    {
        $this->where->condition($field, $value, $operator);
        return $this;
    }

    /** @return $this */
    public function where($snippet, $args = array())
    {
        $this->where->where($snippet, $args);
        return $this;
    }

    /** @return $this */
    public function isNull($field)
    {
        $this->where->isNull($field);
        return $this;
    }

    /** @return $this */
    public function isNotNull($field)
    {
        $this->where->isNotNull($field);
        return $this;
    }

    /** @return $this */
    public function exists(SelectQueryInterface $select)
    {
        $this->where->exists($select);
        return $this;
    }

    /** @return $this */
    public function notExists(SelectQueryInterface $select)
    {
        $this->where->notExists($select);
        return $this;
    }

    /** @return array<int, array{field: mixed, value: mixed, operator: string|null}> */
    public function conditions()
    {
        return $this->where->conditions();
    }

    /** @return string "" or " WHERE ..." */
    protected function whereSql(BdupdateBareBinder $binder)
    {
        return count($this->where) > 0 ? ' WHERE ' . $this->where->sql($binder) : '';
    }

    public function __clone()
    {
        $this->where = clone $this->where;
    }
}
