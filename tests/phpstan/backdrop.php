<?php

/**
 * The little of Backdrop and Drupal 7 that the worker calls, for PHPStan: names and types only.
 */

define('BACKDROP_BOOTSTRAP_CONFIGURATION', 0);
define('BACKDROP_BOOTSTRAP_DATABASE', 2);
define('BACKDROP_BOOTSTRAP_SESSION', 5);
define('BACKDROP_BOOTSTRAP_LANGUAGE', 7);
define('BACKDROP_BOOTSTRAP_FULL', 8);
define('BACKDROP_CORE_COMPATIBILITY', '1.x');
define('LANGUAGE_TYPE_INTERFACE', 'language');
define('DRUPAL_BOOTSTRAP_CONFIGURATION', 0);
define('DRUPAL_BOOTSTRAP_DATABASE', 2);
define('DRUPAL_BOOTSTRAP_SESSION', 5);
define('DRUPAL_BOOTSTRAP_LANGUAGE', 7);
define('DRUPAL_BOOTSTRAP_FULL', 8);
define('DRUPAL_CORE_COMPATIBILITY', '7.x');
define('SCHEMA_UNINSTALLED', -1);
define('REQUIREMENT_OK', 0);
define('REQUIREMENT_WARNING', 1);
define('REQUIREMENT_ERROR', 2);

class DatabaseConnection
{
    /** @var PDO */
    protected $pdo;

    /** @var array<string, mixed> */
    protected $transactionLayers = array();

    /** @return string */
    public function driver()
    {
        return '';
    }

    /**
     * @param string $sql
     *
     * @return string
     */
    public function prefixTables($sql)
    {
        return $sql;
    }

}

class DatabaseStatementBase extends PDOStatement
{
    /** @var DatabaseConnection */
    public $dbh;

    /**
     * @param array<int|string, mixed>|null $args
     * @param array<string, mixed> $options
     *
     * @return bool
     */
    #[\ReturnTypeWillChange]
    public function execute($args = array(), $options = array())
    {
        return true;
    }

    /** @return mixed */
    public function fetchField($index = 0)
    {
        return false;
    }

    /** @return array<int|string, mixed> */
    public function fetchCol($index = 0)
    {
        return array();
    }

    /** @return array<int|string, mixed> */
    public function fetchAllKeyed($key_index = 0, $value_index = 1)
    {
        return array();
    }
}

class Database
{
    /** @return DatabaseConnection */
    public static function getConnection($target = 'default', $key = null)
    {
        return new DatabaseConnection();
    }

    /** @return void */
    public static function ignoreTarget($key, $target)
    {
    }
}
