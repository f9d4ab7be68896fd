<?php

/**
 * As much of Drupal 7 as the worker calls, for a planted docroot: the names are Drupal's, what they do is the least that works.
 */

define('VERSION', '7.103');
define('DRUPAL_CORE_COMPATIBILITY', '7.x');
define('DRUPAL_BOOTSTRAP_CONFIGURATION', 0);
define('DRUPAL_BOOTSTRAP_DATABASE', 2);
define('DRUPAL_BOOTSTRAP_SESSION', 4);
define('DRUPAL_BOOTSTRAP_LANGUAGE', 6);
define('DRUPAL_BOOTSTRAP_FULL', 7);
define('SCHEMA_UNINSTALLED', -1);
define('REQUIREMENT_OK', 0);
define('REQUIREMENT_WARNING', 1);
define('REQUIREMENT_ERROR', 2);

function &drupal_static($name, $default = null)
{
    static $all = array();
    if (!array_key_exists($name, $all)) {
        $all[$name] = $default;
    }
    return $all[$name];
}

function drupal_bootstrap($phase)
{
    global $databases;
    if ($phase == DRUPAL_BOOTSTRAP_CONFIGURATION) {
        set_error_handler('var_dump');
        include DRUPAL_ROOT . '/' . drupal_static('conf_path') . '/settings.php';
    } elseif ($phase == DRUPAL_BOOTSTRAP_FULL) {
        foreach (db_query("SELECT filename FROM {system} WHERE type = 'module' AND status = 1")->fetchCol() as $file) {
            @include_once DRUPAL_ROOT . '/' . $file;
        }
    }
}

class DatabaseConnection
{
    protected $connection;
    protected $transactionLayers = array();
    public function __construct(array $options)
    {
        $this->connection = new PDO('sqlite:' . $options['database']);
        $this->connection->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $this->connection->exec('PRAGMA journal_mode = WAL');
    }
    public function driver()
    {
        return 'sqlite';
    }
    public function prefixTables($sql)
    {
        return strtr($sql, array('{' => '', '}' => ''));
    }
    public function query($sql, array $arguments)
    {
        return new StandInStatement($this->connection, $this->prefixTables($sql), $arguments);
    }
    public function inTransaction()
    {
        return count($this->transactionLayers) > 0;
    }
    public function __call($name, $arguments)
    {
        return call_user_func_array(array($this->connection, $name), $arguments);
    }
}

/** Not a PDOStatement, as Drupal's for SQLite is none. */
class StandInStatement implements IteratorAggregate
{
    private $rows;
    public function __construct(PDO $pdo, $sql, array $arguments)
    {
        $statement = $pdo->prepare($sql);
        $statement->execute($arguments);
        $this->rows = $statement->fetchAll(PDO::FETCH_ASSOC);
    }
    #[\ReturnTypeWillChange]
    public function getIterator()
    {
        return new ArrayIterator(array_map(function ($row) {
            return (object) $row;
        }, $this->rows));
    }
    public function fetchCol()
    {
        return array_map('current', $this->rows);
    }
    public function fetchField()
    {
        return $this->rows ? reset($this->rows[0]) : false;
    }
    public function fetchAllKeyed()
    {
        $all = array();
        foreach ($this->rows as $row) {
            list($key, $value) = array_values($row);
            $all[$key] = $value;
        }
        return $all;
    }
}

class Database
{
    public static function ignoreTarget($key, $target)
    {
    }
    public static function getConnection($target = 'default', $key = 'default')
    {
        static $connection;
        $connection = $connection ?: new DatabaseConnection($GLOBALS['databases'][$key][$target]);
        return $connection;
    }
}

function db_query($sql, array $arguments = array())
{
    return Database::getConnection()->query($sql, $arguments);
}

function variable_get($name, $default = null)
{
    $value = db_query('SELECT value FROM {variable} WHERE name = :name', array(':name' => $name))->fetchField();
    return $value === false ? $default : unserialize($value);
}

function variable_set($name, $value)
{
    db_query('REPLACE INTO {variable} (name, value) VALUES (:name, :value)', array(':name' => $name, ':value' => serialize($value)));
}

function variable_del($name)
{
    db_query('DELETE FROM {variable} WHERE name = :name', array(':name' => $name));
}

function drupal_set_message($text, $kind = 'status')
{
    $_SESSION['messages'][$kind][] = $text;
}

function drupal_get_installed_schema_version($module, $reset = false, $all = false)
{
    $versions = db_query("SELECT name, schema_version FROM {system} WHERE type = 'module'")->fetchAllKeyed();
    return $all ? $versions : (isset($versions[$module]) ? $versions[$module] : SCHEMA_UNINSTALLED);
}

function drupal_set_installed_schema_version($module, $version)
{
    db_query('UPDATE {system} SET schema_version = :version WHERE name = :name', array(':version' => $version, ':name' => $module));
}

function drupal_load_updates()
{
    foreach (db_query("SELECT filename FROM {system} WHERE type = 'module' AND schema_version > -1")->fetchCol() as $file) {
        @include_once DRUPAL_ROOT . '/' . dirname($file) . '/' . pathinfo($file, PATHINFO_FILENAME) . '.install';
    }
}

function system_rebuild_module_data()
{
    $all = array();
    foreach (db_query("SELECT name, filename FROM {system} WHERE type = 'module'") as $row) {
        $info = @parse_ini_file(DRUPAL_ROOT . '/' . dirname($row->filename) . '/' . $row->name . '.info');
        if ($info) {
            $all[$row->name] = (object) array('info' => $info);
        }
    }
    return $all;
}

function update_check_incompatibility($name)
{
    $all = system_rebuild_module_data();
    return !isset($all[$name]->info['core']) || $all[$name]->info['core'] !== DRUPAL_CORE_COMPATIBILITY;
}

function module_implements($hook, $sort = false, $reset = false)
{
    $all = &drupal_static('module_implements', array());
    if ($reset) {
        $all = array();
        return array();
    }
    $all += array($hook => array());
    return array_keys($all[$hook]);
}

function module_invoke_all($hook)
{
    return array();
}

function lock_may_be_available($name)
{
    return true;
}

function drupal_flush_all_caches()
{
    variable_set('css_js_query_string', 'new');
    variable_set('booted', variable_get('prepared') . ' ' . MAINTENANCE_MODE . ' ' . var_export(isset($_SERVER['SERVER_SOFTWARE']), true));
}

function update_prepare_d7_bootstrap()
{
    variable_set('prepared', 'prepared');
}

function update_fix_d7_requirements()
{
}

function update_fix_compatibility()
{
}

function drupal_maintenance_theme()
{
}
