<?php

/**
 * SQLite: the functions that MySQL has and SQLite has not are added, values keep their PHP type where that matters.
 */
class DatabaseConnection_sqlite extends DatabaseConnection
{
    /** @return string */
    public function driver()
    {
        return 'sqlite';
    }

    protected function open()
    {
        if (!extension_loaded('pdo_sqlite')) {
            throw new BdupdateBareException('this PHP has no PDO driver for SQLite (pdo_sqlite)');
        }
        foreach ($this->prefixes as $prefix) {
            if (strpos($prefix, '.') !== false) {
                throw new BdupdateBareException("table prefix $prefix: SQLite has no dots in table names");
            }
        }
        $file = (string) $this->options['database'];
        if (!is_file($file)) {
            // PDO would create an empty one.
            throw new BdupdateBareException("database $file: no such file");
        }
        // From PHP 8.4 on, PDO::connect() gives the driver's own class; the old way to add functions is deprecated there.
        $connect = array('PDO', 'connect');
        $pdo = is_callable($connect) ? call_user_func($connect, 'sqlite:' . $file) : new PDO('sqlite:' . $file);
        $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $pdo->setAttribute(PDO::ATTR_TIMEOUT, 60);
        $pdo->exec('PRAGMA synchronous = FULL');
        BdupdateBareSqliteFunctions::add($pdo);
        return $pdo;
    }

    protected function newSchema()
    {
        return new DatabaseSchema_sqlite($this);
    }

    protected function run($sql, array $args)
    {
        $sql = (string) preg_replace('/\s+FOR UPDATE\s*$/i', '', $sql);
        $this->checkPlaceholders($sql, $args);
        $statement = $this->prepare($sql);
        foreach ($args as $key => $value) {
            $name = is_int($key) ? $key + 1 : ':' . ltrim($key, ':');
            $statement->bindValue($name, is_float($value) ? self::number($value) : $value, self::type($value));
        }
        $statement->execute();
        return $statement;
    }

    /**
     * A string against an expression without a type of its own (COUNT(*), a + 1) is never equal to a number in SQLite.
     *
     * @param mixed $value
     *
     * @return int
     */
    private static function type($value)
    {
        if ($value === null) {
            return PDO::PARAM_NULL;
        }
        if (is_int($value) || is_bool($value)) {
            return PDO::PARAM_INT;
        }
        return is_string($value) && strpos($value, "\0") !== false ? PDO::PARAM_LOB : PDO::PARAM_STR;
    }

    /**
     * @param float $value
     *
     * @return string without an exponent's or a locale's surprises
     */
    private static function number($value)
    {
        $text = json_encode($value);
        return $text === false ? (string) $value : $text;
    }

    /**
     * MySQL's driver refuses arguments that do not fit the statement; SQLite takes a missing one for NULL.
     *
     * @param string $sql
     * @param array<int|string, mixed> $args
     */
    private function checkPlaceholders($sql, array $args)
    {
        $bare = (string) preg_replace("/'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|\\/\\*.*?\\*\\//s", ' ', $sql);
        if ($args && is_int(key($args))) {
            $wanted = substr_count($bare, '?');
            $fits = $wanted === count($args);
        } else {
            preg_match_all('/:([A-Za-z0-9_]+)/', $bare, $matches);
            $given = array();
            foreach (array_keys($args) as $key) {
                $given[ltrim((string) $key, ':')] = true;
            }
            $wanted = array_fill_keys($matches[1], true);
            $fits = !array_diff_key($wanted, $given) && !array_diff_key($given, $wanted);
        }
        if (!$fits) {
            throw new PDOException('SQLSTATE[HY093]: Invalid parameter number: the arguments do not fit the placeholders');
        }
    }

    public function begin()
    {
        $this->pdo->beginTransaction();
    }

    public function random()
    {
        return 'RANDOM()';
    }

    public function likeSuffix()
    {
        // Our like() takes the backslash for its escape character by itself, as MySQL's does.
        return '';
    }

    public function defaultRowSql($table)
    {
        return "INSERT INTO $table DEFAULT VALUES";
    }
}
