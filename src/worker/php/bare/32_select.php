<?php

/**
 * What db_select() gives.
 */
class SelectQuery extends BdupdateBareConditionalQuery implements SelectQueryInterface
{
    /** @var array<string, array{type: string|null, table: mixed, condition: mixed, arguments: array<string, mixed>, all: bool}> */
    private $tables = array();

    /** @var array<string, array{table: string|null, field: string}> by alias */
    private $fields = array();

    /** @var array<string, array{expression: string, arguments: array<string, mixed>}> by alias */
    private $expressions = array();

    /** @var array<string, string> */
    private $order = array();

    /** @var array<string, string> */
    private $group = array();

    /** @var DatabaseCondition */
    private $having;

    /** @var bool */
    private $distinct = false;

    /** @var array{0: int, 1: int}|null start and length */
    private $range;

    /** @var array<int, array{type: string, query: SelectQuery}> */
    private $unions = array();

    /** @var bool */
    private $for_update = false;

    /** @var array<string, bool> */
    private $tags = array();

    /** @var array<string, mixed> */
    private $metadata = array();

    /**
     * @param string|SelectQuery $table
     * @param string|null $alias
     * @param array<string, mixed> $options
     */
    public function __construct($table, $alias, DatabaseConnection $connection, array $options = array())
    {
        parent::__construct($connection, $options, Database::RETURN_STATEMENT);
        $this->having = new DatabaseCondition('AND');
        $this->addJoin(null, $table, $alias);
    }

    // --- what is selected

    /**
     * @param string $table_alias
     * @param array<int, string> $fields
     *   None: all of them.
     *
     * @return $this
     */
    public function fields($table_alias, array $fields = array())
    {
        if (!$fields) {
            $this->tables[$table_alias]['all'] = true;
        }
        foreach ($fields as $field) {
            $this->addField($table_alias, $field);
        }
        return $this;
    }

    /** @return string the alias that the field got */
    public function addField($table_alias, $field, $alias = null)
    {
        $wanted = empty($alias) ? $field : $alias;
        if (isset($this->fields[$wanted])) {
            $wanted = $table_alias . '_' . $field;
        }
        $alias = self::unused($this->fields, $wanted);
        $this->fields[$alias] = array('table' => $table_alias, 'field' => $field);
        return $alias;
    }

    /** @return string the alias that the expression got */
    public function addExpression($expression, $alias = null, $arguments = array())
    {
        $alias = self::unused($this->expressions, empty($alias) ? 'expression' : $alias);
        $this->expressions[$alias] = array('expression' => $expression, 'arguments' => $arguments);
        return $alias;
    }

    /** @return $this */
    public function distinct($distinct = true)
    {
        $this->distinct = $distinct;
        return $this;
    }

    /** @return array<string, array{table: string|null, field: string}> */
    public function getFields()
    {
        return $this->fields;
    }

    /** @return array<string, array{expression: string, arguments: array<string, mixed>}> */
    public function getExpressions()
    {
        return $this->expressions;
    }

    // --- from where

    /** @return string the alias that the table got */
    public function join($table, $alias = null, $condition = null, $arguments = array())
    {
        return $this->addJoin('INNER', $table, $alias, $condition, $arguments);
    }

    /** @return string */
    public function innerJoin($table, $alias = null, $condition = null, $arguments = array())
    {
        return $this->addJoin('INNER', $table, $alias, $condition, $arguments);
    }

    /** @return string */
    public function leftJoin($table, $alias = null, $condition = null, $arguments = array())
    {
        return $this->addJoin('LEFT OUTER', $table, $alias, $condition, $arguments);
    }

    /** @return string */
    public function rightJoin($table, $alias = null, $condition = null, $arguments = array())
    {
        return $this->addJoin('RIGHT OUTER', $table, $alias, $condition, $arguments);
    }

    /** @return string */
    public function addJoin($type, $table, $alias = null, $condition = null, $arguments = array())
    {
        $wanted = empty($alias) ? ($table instanceof SelectQuery ? 'subquery' : $table) : $alias;
        $alias = self::unused($this->tables, $wanted);
        if (is_string($condition)) {
            $condition = str_replace('%alias', $alias, $condition);
        }
        $this->tables[$alias] = array(
            'type' => $type, 'table' => $table, 'condition' => $condition, 'arguments' => $arguments, 'all' => false,
        );
        return $alias;
    }

    // --- grouping, order, range

    /** @return $this */
    public function groupBy($field)
    {
        $this->group[$field] = $field;
        return $this;
    }

    /** @return $this */
    public function havingCondition($field, $value = null, $operator = null)
    {
        $this->having->condition($field, $value, $operator);
        return $this;
    }

    /** @return $this */
    public function having($snippet, $args = array())
    {
        $this->having->where($snippet, $args);
        return $this;
    }

    /** @return $this */
    public function orderBy($field, $direction = 'ASC')
    {
        $this->order[$field] = strtoupper($direction) === 'DESC' ? 'DESC' : 'ASC';
        return $this;
    }

    /** @return $this */
    public function orderRandom()
    {
        return $this->orderBy($this->addExpression($this->connection->random(), 'random_field'));
    }

    /** @return $this */
    public function range($start = null, $length = null)
    {
        $this->range = func_num_args() > 0 ? array((int) $start, (int) $length) : null;
        return $this;
    }

    /** @return $this */
    public function union(SelectQuery $query, $type = '')
    {
        $this->unions[] = array('type' => $type === 'ALL' ? 'UNION ALL' : 'UNION', 'query' => $query);
        return $this;
    }

    /** @return $this */
    public function forUpdate($set = true)
    {
        $this->for_update = $set;
        return $this;
    }

    // --- tags: kept, but no module may alter a query during updates

    /** @return $this */
    public function addTag($tag)
    {
        $this->tags[$tag] = true;
        return $this;
    }

    /** @return bool */
    public function hasTag($tag)
    {
        return isset($this->tags[$tag]);
    }

    /** @return $this */
    public function addMetaData($key, $object)
    {
        $this->metadata[$key] = $object;
        return $this;
    }

    /** @return mixed */
    public function getMetaData($key)
    {
        return isset($this->metadata[$key]) ? $this->metadata[$key] : null;
    }

    /**
     * @param string $extender
     *
     * @return SelectQuery
     */
    public function extend($extender)
    {
        throw BdupdateBareLimits::notPart("the query extender $extender");
    }

    // --- running it

    /** @return BdupdateBareResult */
    public function execute()
    {
        return $this->send();
    }

    /** @return SelectQuery one that gives the number of rows */
    public function countQuery()
    {
        $count = clone $this;
        $count->order = array();
        if (!$count->distinct && count($count->having) === 0) {
            $count->fields = array_intersect_key($count->fields, $count->group);
            $count->expressions = array_intersect_key($count->expressions, $count->group);
            foreach (array_keys($count->tables) as $alias) {
                $count->tables[$alias]['all'] = false;
            }
        }
        $count->addExpression('1');
        if ($count->distinct && $count->group) {
            $count->distinct = false;
        }
        $query = new SelectQuery($count, null, $this->connection);
        $query->addExpression('COUNT(*)');
        return $query;
    }

    /** @return array<string, mixed> */
    public function getArguments()
    {
        $binder = new BdupdateBareBinder($this->connection);
        $this->sql($binder);
        return $binder->args;
    }

    /** @return string */
    public function sql(BdupdateBareBinder $binder)
    {
        $sql = 'SELECT ' . ($this->distinct ? 'DISTINCT ' : '') . implode(', ', $this->columns($binder)) . ' FROM';
        foreach ($this->tables as $alias => $table) {
            $sql .= $this->tableSql((string) $alias, $table, $binder);
        }
        $sql .= $this->whereSql($binder);
        if ($this->group) {
            $sql .= ' GROUP BY ' . implode(', ', $this->group);
        }
        if (count($this->having) > 0) {
            $sql .= ' HAVING ' . $this->having->sql($binder);
        }
        // On the last of the united queries' level, where both databases take them.
        foreach ($this->unions as $union) {
            $sql .= ' ' . $union['type'] . ' ' . $union['query']->sql($binder);
        }
        $order = array();
        foreach ($this->order as $field => $direction) {
            $order[] = $field . ' ' . $direction;
        }
        $sql .= $order ? ' ORDER BY ' . implode(', ', $order) : '';
        $sql .= $this->range === null ? '' : ' LIMIT ' . $this->range[1] . ' OFFSET ' . $this->range[0];
        return $sql . ($this->for_update ? ' FOR UPDATE' : '');
    }

    /** @return array<int, string> */
    private function columns(BdupdateBareBinder $binder)
    {
        $connection = $this->connection;
        $columns = array();
        foreach ($this->tables as $alias => $table) {
            if (!empty($table['all'])) {
                $columns[] = $connection->escapeAlias($alias) . '.*';
            }
        }
        foreach ($this->fields as $alias => $field) {
            $table = $field['table'] === null || $field['table'] === '' ? '' : $connection->escapeAlias($field['table']) . '.';
            $columns[] = $table . $connection->escapeField($field['field']) . ' AS ' . $connection->escapeAlias($alias);
        }
        foreach ($this->expressions as $alias => $expression) {
            $binder->take($expression['arguments']);
            $columns[] = $expression['expression'] . ' AS ' . $connection->escapeAlias($alias);
        }
        return $columns;
    }

    /**
     * @param string $alias
     * @param array{type: string|null, table: mixed, condition: mixed, arguments: array<string, mixed>, all: bool} $table
     *
     * @return string
     */
    private function tableSql($alias, array $table, BdupdateBareBinder $binder)
    {
        $connection = $this->connection;
        $name = $table['table'] instanceof SelectQuery
            ? '(' . $table['table']->sql($binder) . ')'
            : '{' . $connection->escapeTable($table['table']) . '}';
        $sql = ($table['type'] === null ? ' ' : ' ' . $table['type'] . ' JOIN ') . $name . ' ' . $connection->escapeAlias($alias);
        $binder->take($table['arguments']);
        if ($table['condition'] instanceof DatabaseCondition) {
            return $sql . ' ON ' . $table['condition']->sql($binder);
        }
        return empty($table['condition']) ? $sql : $sql . ' ON ' . $table['condition'];
    }

    /**
     * @param array<string, mixed> $taken
     * @param string $wanted
     *
     * @return string the alias itself, or with the next free number
     */
    private static function unused(array $taken, $wanted)
    {
        $alias = $wanted;
        for ($number = 2; isset($taken[$alias]); $number++) {
            $alias = $wanted . '_' . $number;
        }
        return $alias;
    }

    public function __clone()
    {
        parent::__clone();
        $this->having = clone $this->having;
        foreach ($this->tables as $alias => $table) {
            if (is_object($table['table'])) {
                $this->tables[$alias]['table'] = clone $table['table'];
            }
        }
        foreach ($this->unions as $index => $union) {
            $this->unions[$index]['query'] = clone $union['query'];
        }
    }
}
