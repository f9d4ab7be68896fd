<?php

/**
 * What db_transaction() gives: it commits when it goes out of scope, unless it was rolled back.
 */
class DatabaseTransaction
{
    /** @var DatabaseConnection */
    private $connection;

    /** @var string */
    private $name;

    /** @var bool */
    private $over = false;

    public function __construct(DatabaseConnection $connection, $name = null)
    {
        $this->connection = $connection;
        if (!$connection->inTransaction()) {
            // As in Backdrop, whatever name was asked for.
            $name = 'backdrop_transaction';
        } elseif ($name === null || $name === '') {
            $name = $connection->newLayerName();
        }
        $this->name = $name;
        $connection->pushTransaction($name);
    }

    public function __destruct()
    {
        if (!$this->over) {
            $this->connection->popTransaction($this->name);
        }
    }

    /** @return string */
    public function name()
    {
        return $this->name;
    }

    /** Undoes what was done since it was opened. */
    public function rollback()
    {
        $this->over = true;
        $this->connection->rollback($this->name);
    }
}

/**
 * The way to the connection. A bare site has one.
 */
abstract class Database
{
    const RETURN_NULL = 0;
    const RETURN_STATEMENT = 1;
    const RETURN_AFFECTED = 2;
    const RETURN_INSERT_ID = 3;

    /** @var DatabaseConnection|null */
    private static $connection;

    /** The site's connection; NULL forgets it. */
    public static function useConnection(?DatabaseConnection $connection = null)
    {
        self::$connection = $connection;
    }

    /**
     * @param string $target
     * @param string|null $key
     *
     * @return DatabaseConnection
     */
    public static function getConnection($target = 'default', $key = null)
    {
        if (self::$connection === null || ($key !== null && $key !== 'default')) {
            throw new DatabaseConnectionNotDefinedException("no database connection named $key");
        }
        return self::$connection;
    }

    /**
     * @param string $key
     *
     * @return array<string, array<string, mixed>>|null
     */
    public static function getConnectionInfo($key = 'default')
    {
        return $key === 'default' ? array('default' => self::getConnection()->getConnectionOptions()) : null;
    }

    /** @return bool */
    public static function isActiveConnection()
    {
        return self::$connection !== null;
    }
}
