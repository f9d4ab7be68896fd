<?php

/**
 * The site's one connection. The worker's outer transaction is told to it by setOuter(); what db_transaction() opens nests in
 * that as savepoints.
 */
abstract class DatabaseConnection extends BdupdateBareTransactions
{
    /** @var array<string, mixed> 'driver', 'database' and so on, as connected with */
    protected $options;

    /** @var BdupdateGuard|null */
    private $guard;

    /** @var int */
    private $temporary_tables = 0;

    /** @var DatabaseSchema|null */
    private $schema;

    /**
     * @param array<string, mixed> $options
     */
    public function __construct(array $options)
    {
        $this->options = $options;
        $prefix = isset($options['prefix']) ? $options['prefix'] : '';
        $this->prefixes = is_array($prefix) ? $prefix + array('default' => '') : array('default' => (string) $prefix);
        $this->pdo = $this->open();
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $this->pdo->setAttribute(PDO::ATTR_STRINGIFY_FETCHES, true);
        $this->pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, array('BdupdateBareStatement', array($this)));
    }

    /** @return PDO a new connection */
    abstract protected function open();

    /** @return string 'mysql' or 'sqlite' */
    abstract public function driver();

    /** @return DatabaseSchema */
    abstract protected function newSchema();

    /**
     * @param array<int|string, mixed> $args
     *
     * @return PDOStatement
     *   Executed.
     */
    abstract protected function run($sql, array $args);

    /** @return string the driver's word for a random number */
    abstract public function random();

    /** @return string what follows LIKE's pattern */
    abstract public function likeSuffix();

    /** @return PDO */
    public function pdo()
    {
        return $this->pdo;
    }

    public function setGuard(BdupdateGuard $guard)
    {
        $this->guard = $guard;
    }

    /** @return BdupdateGuard|null */
    public function guard()
    {
        return $this->guard;
    }

    /** @return string */
    public function databaseType()
    {
        return $this->driver();
    }

    /** @return string */
    public function version()
    {
        return (string) $this->pdo->getAttribute(PDO::ATTR_SERVER_VERSION);
    }

    /** @return array<string, mixed> without the password */
    public function getConnectionOptions()
    {
        return array_diff_key($this->options, array('password' => true));
    }

    /** @return DatabaseSchema */
    public function schema()
    {
        if ($this->schema === null) {
            $this->schema = $this->newSchema();
        }
        return $this->schema;
    }

    /** @return string */
    public function quote($string)
    {
        return (string) $this->pdo->quote((string) $string);
    }

    // --- queries

    /**
     * @param mixed $query
     *   SQL; prepared statements are refused.
     * @param array<int|string, mixed> $args
     * @param array<string, mixed> $options
     *   'fetch', 'return' (Database::RETURN_…), 'throw_exception'.
     *
     * @return mixed
     */
    public function query($query, array $args = array(), array $options = array())
    {
        if (!is_string($query)) {
            throw BdupdateBareLimits::notPart('a prepared statement as query');
        }
        if ($this->driver() === 'sqlite' && preg_match('/^\\s*(BEGIN|START\\s+TRANSACTION|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\\b/i', $query, $found)) {
            throw BdupdateBareLimits::notPart(strtoupper($found[1]) . ' as a query (db_transaction() nests in the pass)');
        }
        $options += array('fetch' => PDO::FETCH_OBJ, 'return' => Database::RETURN_STATEMENT, 'throw_exception' => true);
        try {
            $this->expandArguments($query, $args);
            return $this->answer($this->run($this->prefixTables($query), $args), $options);
        } catch (PDOException $exception) {
            if (!$options['throw_exception']) {
                return null;
            }
            if (!is_array($exception->errorInfo)) {
                $exception->errorInfo = array((string) $exception->getCode(), null, $exception->getMessage());
            }
            $exception->errorInfo['query_string'] = $query;
            $exception->errorInfo['args'] = $args;
            throw $exception;
        }
    }

    /**
     * Sends SQL as it stands: braces in it are no table names.
     *
     * @param string $sql
     * @param array<int|string, mixed> $args
     *
     * @return BdupdateBareResult
     */
    public function send($sql, array $args = array())
    {
        return $this->result($this->run($sql, $args), PDO::FETCH_OBJ);
    }

    /**
     * @param string $query
     * @param int $from
     * @param int $count
     * @param array<int|string, mixed> $args
     * @param array<string, mixed> $options
     *
     * @return mixed
     */
    public function queryRange($query, $from, $count, array $args = array(), array $options = array())
    {
        return $this->query($query . ' LIMIT ' . (int) $from . ', ' . (int) $count, $args, $options);
    }

    /**
     * @param string $query
     * @param array<int|string, mixed> $args
     * @param array<string, mixed> $options
     *
     * @return string the temporary table's name
     */
    public function queryTemporary($query, array $args = array(), array $options = array())
    {
        $name = 'bdupdate_temporary_' . ++$this->temporary_tables;
        $this->query('CREATE TEMPORARY TABLE {' . $name . '} AS ' . $query, $args, $options);
        return $name;
    }

    /**
     * @param array<string, mixed> $options
     *
     * @return mixed
     */
    private function answer(PDOStatement $statement, array $options)
    {
        switch ($options['return']) {
            case Database::RETURN_STATEMENT:
                return $this->result($statement, $options['fetch']);
            case Database::RETURN_AFFECTED:
                return $statement->rowCount();
            case Database::RETURN_INSERT_ID:
                return $this->pdo->lastInsertId();
            case Database::RETURN_NULL:
                return null;
        }
        throw new PDOException('no such return directive: ' . $options['return']);
    }

    /**
     * @param int|string $mode
     *
     * @return BdupdateBareResult
     */
    private function result(PDOStatement $statement, $mode)
    {
        $names = array();
        $columns = $statement->columnCount();
        for ($index = 0; $index < $columns; $index++) {
            $meta = $statement->getColumnMeta($index);
            $names[] = $meta === false ? (string) $index : $meta['name'];
        }
        $rows = $columns > 0 ? ($statement->fetchAll(PDO::FETCH_NUM) ?: array()) : array();
        $count = $columns > 0 ? count($rows) : $statement->rowCount();
        $sql = $statement->queryString;
        $statement->closeCursor();
        return new BdupdateBareResult($sql, $names, $rows, $count, $mode);
    }

    /**
     * Prepares below the guard's eyes: SQLite reports most errors here already.
     *
     * @param string $sql
     *
     * @return PDOStatement
     */
    protected function prepare($sql)
    {
        try {
            $statement = $this->pdo->prepare($sql);
        } catch (PDOException $exception) {
            if ($this->guard !== null) {
                $this->guard->failed($exception);
            }
            throw $exception;
        }
        if ($statement === false) {
            throw new PDOException('the statement could not be prepared');
        }
        return $statement;
    }

    /**
     * `IN (:ids)` with an array becomes `IN (:ids_0, :ids_1, ...)`.
     *
     * @param string $query
     * @param array<int|string, mixed> $args
     *
     * @return void
     */
    private function expandArguments(&$query, array &$args)
    {
        foreach ($args as $key => $values) {
            if (!is_array($values)) {
                continue;
            }
            if (!$values) {
                throw new PDOException("placeholder $key: an empty list makes no valid SQL");
            }
            $names = array();
            foreach (array_values($values) as $index => $value) {
                $names[] = $key . '_' . $index;
                $args[$key . '_' . $index] = $value;
            }
            unset($args[$key]);
            $query = (string) preg_replace('/' . preg_quote((string) $key, '/') . '\b/', implode(', ', $names), $query);
        }
    }

    /** @return SelectQuery */
    public function select($table, $alias = null, array $options = array())
    {
        return new SelectQuery($table, $alias, $this, $options);
    }

    /** @return InsertQuery */
    public function insert($table, array $options = array())
    {
        return new InsertQuery($this, $table, $options);
    }

    /** @return UpdateQuery */
    public function update($table, array $options = array())
    {
        return new UpdateQuery($this, $table, $options);
    }

    /** @return DeleteQuery */
    public function delete($table, array $options = array())
    {
        return new DeleteQuery($this, $table, $options);
    }

    /** @return MergeQuery */
    public function merge($table, array $options = array())
    {
        return new MergeQuery($this, $table, $options);
    }

    /** @return TruncateQuery */
    public function truncate($table, array $options = array())
    {
        return new TruncateQuery($this, $table, $options);
    }

    /**
     * A number that no caller got before and that is greater than $existing_id, from {sequences}.
     *
     * @param int|string $existing_id
     *
     * @return string
     */
    public function nextId($existing_id = 0)
    {
        $options = array('return' => Database::RETURN_INSERT_ID);
        $insert = $this->defaultRowSql('{sequences}');
        $id = $this->query($insert, array(), $options);
        if ($existing_id >= $id) {
            $this->query('INSERT INTO {sequences} (value) VALUES (:value)', array(':value' => (int) $existing_id));
            $id = $this->query($insert, array(), $options);
        }
        $this->query('DELETE FROM {sequences} WHERE value < :value', array(':value' => (int) $id));
        return $id;
    }

    /** @return string an INSERT of a row of defaults */
    abstract public function defaultRowSql($table);

    /** @return DatabaseTransaction */
    public function startTransaction($name = '')
    {
        return new DatabaseTransaction($this, $name);
    }
}
