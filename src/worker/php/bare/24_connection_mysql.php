<?php

/**
 * MySQL and MariaDB, set up as Backdrop sets them up: emulated prepares, strings out, found rows, its SQL mode.
 */
class DatabaseConnection_mysql extends DatabaseConnection
{
    /** MySQL's number for "SAVEPOINT does not exist": a schema change has committed it. */
    const NO_SAVEPOINT = 1305;

    /** @return string */
    public function driver()
    {
        return 'mysql';
    }

    protected function open()
    {
        if (!extension_loaded('pdo_mysql')) {
            throw new BdupdateBareException('this PHP has no PDO driver for MySQL (pdo_mysql)');
        }
        $options = $this->options;
        $charset = $this->utf8mb4IsActive() ? 'utf8mb4' : 'utf8';
        if (!empty($options['unix_socket'])) {
            $dsn = 'mysql:unix_socket=' . $options['unix_socket'];
        } else {
            $port = empty($options['port']) ? 3306 : (int) $options['port'];
            $dsn = 'mysql:host=' . $options['host'] . ';port=' . $port;
        }
        $dsn .= ';charset=' . $charset . ';dbname=' . $options['database'];
        $pdo = new PDO($dsn, $options['username'], $options['password'], array(
            self::attribute('ATTR_FOUND_ROWS') => true,
            self::attribute('ATTR_USE_BUFFERED_QUERY') => true,
            self::attribute('ATTR_MULTI_STATEMENTS') => false,
            PDO::ATTR_EMULATE_PREPARES => true,
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        ) + (isset($options['pdo']) ? $options['pdo'] : array()));
        $collate = empty($options['collation']) ? '' : ' COLLATE ' . $options['collation'];
        $pdo->exec('SET NAMES ' . $charset . $collate);
        $pdo->exec("SET sql_mode = 'REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,STRICT_TRANS_TABLES,"
            . "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'");
        return $pdo;
    }

    /**
     * PHP 8.5 moves the driver's attributes to a class of its own.
     *
     * @param string $name
     *
     * @return int
     */
    private static function attribute($name)
    {
        $moved = 'Pdo\\Mysql::' . $name;
        return (int) constant(defined($moved) ? $moved : 'PDO::MYSQL_' . $name);
    }

    /** @return bool utf8mb4 unless settings.php asks for utf8 */
    public function utf8mb4IsActive()
    {
        return empty($this->options['charset']) || $this->options['charset'] === 'utf8mb4';
    }

    /** @return bool */
    public function utf8mb4IsSupported()
    {
        return true;
    }

    protected function newSchema()
    {
        return new DatabaseSchema_mysql($this);
    }

    protected function run($sql, array $args)
    {
        $statement = $this->prepare($sql);
        $statement->execute($args);
        return $statement;
    }

    public function begin()
    {
        $this->pdo->beginTransaction();
    }

    public function random()
    {
        return 'RAND()';
    }

    public function likeSuffix()
    {
        return " ESCAPE '\\\\'";
    }

    public function defaultRowSql($table)
    {
        return "INSERT INTO $table () VALUES ()";
    }

    protected function release($name)
    {
        try {
            parent::release($name);
        } catch (PDOException $exception) {
            if (!self::savepointGone($exception)) {
                throw $exception;
            }
            $this->forgetLayers();
        }
    }

    protected function undo($name)
    {
        try {
            parent::undo($name);
        } catch (PDOException $exception) {
            if (!self::savepointGone($exception)) {
                throw $exception;
            }
            $this->forgetLayers();
            trigger_error(self::COMMITTED, E_USER_WARNING);
        }
    }

    /** @return bool */
    private static function savepointGone(PDOException $exception)
    {
        return isset($exception->errorInfo[1]) && (int) $exception->errorInfo[1] === self::NO_SAVEPOINT;
    }
}
