<?php

/**
 * Every statement of the bare API goes through here, so that the worker's guard sees it first and afterwards.
 */
class BdupdateBareStatement extends PDOStatement
{
    /** @var DatabaseConnection */
    private $connection;

    protected function __construct(DatabaseConnection $connection)
    {
        $this->connection = $connection;
    }

    /**
     * @param array|null $params
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function execute($params = null)
    {
        $guard = $this->connection->guard();
        if ($guard === null) {
            return parent::execute($params);
        }
        $guard->before($this->queryString);
        try {
            $done = parent::execute($params);
        } catch (PDOException $exception) {
            $guard->failed($exception);
            throw $exception;
        }
        $guard->after($this);
        return $done;
    }
}

/**
 * The rows of a query, fetched at once: SQLite refuses schema changes under an open SELECT. Values are strings or NULL.
 *
 * It reads forward only, as a statement does: a second loop over it finds nothing.
 *
 * @implements Iterator<int, mixed>
 */
class BdupdateBareResult implements Iterator, DatabaseStatementInterface
{
    /** @var string the SQL, as PDOStatement has it */
    public $queryString;

    /** @var array<int, string> */
    private $names;

    /** @var array<int, array<int, mixed>> */
    private $rows;

    /** @var int */
    private $count;

    /** @var int */
    private $position = 0;

    /** @var int|string a PDO::FETCH_ mode, or the name of a class */
    private $mode;

    /** @var array<int, mixed> what goes with the mode: a column number, or constructor arguments */
    private $mode_arguments = array();

    /**
     * @param string $sql
     * @param array<int, string> $names
     *   Column names.
     * @param array<int, array<int, mixed>> $rows
     * @param int $count
     *   What rowCount() says.
     * @param int|string $mode
     */
    public function __construct($sql, array $names, array $rows, $count, $mode)
    {
        $this->queryString = $sql;
        $this->names = $names;
        $this->rows = $rows;
        $this->count = $count;
        $this->mode = $mode;
    }

    /** @return string */
    public function getQueryString()
    {
        return $this->queryString;
    }

    /** @return int rows changed, or rows found */
    public function rowCount()
    {
        return $this->count;
    }

    /** @return int */
    public function columnCount()
    {
        return count($this->names);
    }

    /** @return bool */
    public function closeCursor()
    {
        $this->position = count($this->rows);
        return true;
    }

    /**
     * @param int|string $mode
     * @param mixed $argument
     *   A column number for PDO::FETCH_COLUMN, a class name for PDO::FETCH_CLASS.
     * @param array<int, mixed> $constructor
     *
     * @return bool
     */
    public function setFetchMode($mode, $argument = null, array $constructor = array())
    {
        if ($mode === PDO::FETCH_CLASS) {
            $this->mode = (string) $argument;
            $this->mode_arguments = $constructor;
        } else {
            $this->mode = $mode;
            $this->mode_arguments = array($argument);
        }
        return true;
    }

    /**
     * @param int|string|null $mode
     *
     * @return mixed
     *   FALSE where no row is left.
     */
    public function fetch($mode = null)
    {
        if (!isset($this->rows[$this->position])) {
            return false;
        }
        return $this->shape($this->rows[$this->position++], $mode === null ? $this->mode : $mode);
    }

    /**
     * @param int|string|null $mode
     * @param int $column
     *   For PDO::FETCH_COLUMN.
     *
     * @return array<int|string, mixed>
     */
    public function fetchAll($mode = null, $column = 0)
    {
        if ($mode === PDO::FETCH_KEY_PAIR) {
            return $this->fetchAllKeyed();
        }
        if ($mode === PDO::FETCH_COLUMN) {
            return $this->fetchCol($column);
        }
        $all = array();
        while (isset($this->rows[$this->position])) {
            $all[] = $this->fetch($mode);
        }
        return $all;
    }

    /**
     * @param string|null $class
     * @param array<int, mixed> $arguments
     *
     * @return object|false
     */
    public function fetchObject($class = null, array $arguments = array())
    {
        if (!isset($this->rows[$this->position])) {
            return false;
        }
        $row = $this->named($this->rows[$this->position++]);
        return $class === null ? (object) $row : $this->instance($class, $row, $arguments);
    }

    /** @return array<string, mixed>|false */
    public function fetchAssoc()
    {
        return $this->fetch(PDO::FETCH_ASSOC);
    }

    /**
     * @param int $index
     *
     * @return mixed
     *   FALSE where no row is left.
     */
    public function fetchField($index = 0)
    {
        $row = $this->fetch(PDO::FETCH_NUM);
        return $row === false ? false : $row[$index];
    }

    /**
     * @param int $index
     *
     * @return mixed
     */
    public function fetchColumn($index = 0)
    {
        return $this->fetchField($index);
    }

    /**
     * @param int $index
     *
     * @return array<int, mixed>
     */
    public function fetchCol($index = 0)
    {
        $values = array();
        while (($row = $this->fetch(PDO::FETCH_NUM)) !== false) {
            $values[] = $row[$index];
        }
        return $values;
    }

    /**
     * @param int $key
     * @param int $value
     *
     * @return array<int|string, mixed>
     */
    public function fetchAllKeyed($key = 0, $value = 1)
    {
        $values = array();
        while (($row = $this->fetch(PDO::FETCH_NUM)) !== false) {
            $values[(string) $row[$key]] = $row[$value];
        }
        return $values;
    }

    /**
     * @param string $key
     * @param int|string|null $mode
     *
     * @return array<int|string, mixed>
     */
    public function fetchAllAssoc($key, $mode = null)
    {
        $records = array();
        while (isset($this->rows[$this->position])) {
            $row = $this->named($this->rows[$this->position]);
            $records[(string) $row[$key]] = $this->fetch($mode);
        }
        return $records;
    }

    /** @return mixed */
    #[\ReturnTypeWillChange]
    public function current()
    {
        return isset($this->rows[$this->position]) ? $this->shape($this->rows[$this->position], $this->mode) : false;
    }

    /** @return int */
    #[\ReturnTypeWillChange]
    public function key()
    {
        return $this->position;
    }

    /** @return void */
    #[\ReturnTypeWillChange]
    public function next()
    {
        $this->position++;
    }

    /** @return void */
    #[\ReturnTypeWillChange]
    public function rewind()
    {
    }

    /** @return bool */
    #[\ReturnTypeWillChange]
    public function valid()
    {
        return isset($this->rows[$this->position]);
    }

    /**
     * @param array<int, mixed> $row
     *
     * @return array<string, mixed>
     */
    private function named(array $row)
    {
        return array_combine($this->names, $row) ?: array();
    }

    /**
     * @param array<int, mixed> $row
     * @param int|string $mode
     *
     * @return mixed
     */
    private function shape(array $row, $mode)
    {
        if (is_string($mode)) {
            return $this->instance($mode, $this->named($row), $this->mode_arguments);
        }
        switch ($mode) {
            case PDO::FETCH_OBJ:
                return (object) $this->named($row);
            case PDO::FETCH_ASSOC:
                return $this->named($row);
            case PDO::FETCH_NUM:
                return $row;
            case PDO::FETCH_BOTH:
                return $this->named($row) + $row;
            case PDO::FETCH_COLUMN:
                return $row[isset($this->mode_arguments[0]) ? (int) $this->mode_arguments[0] : 0];
        }
        throw BdupdateBareLimits::notPart('fetch mode ' . $mode);
    }

    /**
     * An object of a class, its properties set before the constructor runs, as PDO does it.
     *
     * @param string $class
     * @param array<string, mixed> $row
     * @param array<int, mixed> $arguments
     *
     * @return object
     */
    private function instance($class, array $row, array $arguments)
    {
        if (!class_exists($class)) {
            throw new PDOException("no class $class to fetch rows into");
        }
        $reflection = new ReflectionClass($class);
        $object = $reflection->newInstanceWithoutConstructor();
        foreach ($row as $name => $value) {
            $object->$name = $value;
        }
        $constructor = $reflection->getConstructor();
        if ($constructor !== null) {
            $constructor->invokeArgs($object, $arguments);
        }
        return $object;
    }
}
