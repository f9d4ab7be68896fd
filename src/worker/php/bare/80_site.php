<?php

/**
 * A site without core: settings.php, a database, a config directory and modules.
 */
class BdupdateBareSite implements BdupdateSite
{
    /** @var BdupdateBareSite|null what the functions of the bare API work on */
    private static $current;

    /** @var array<string, mixed> */
    private $init = array();

    /** @var DatabaseConnection */
    private $connection;

    /** @var BdupdateBareModules */
    private $modules;

    /** @var bool MySQL: autocommit is off. */
    private $held = false;

    /** @var string|null 'system' or 'schema': where the last-run numbers live; NULL: no module was ever installed */
    private $numbers;

    /** @return BdupdateBareSite */
    public static function current()
    {
        if (self::$current === null) {
            throw new BdupdateBareException('no bare site is connected');
        }
        return self::$current;
    }

    /**
     * What to say about a function that does not exist.
     *
     * @param string $name
     *
     * @return string
     */
    public static function explainUndefined($name)
    {
        return BdupdateBareLimits::explain($name);
    }

    public function connect(array $init)
    {
        $this->init = $init + array('conf_path' => '.', 'settings_file' => '', 'active_config' => '');
        if (!chdir($init['docroot'])) {
            throw new BdupdateBareException("docroot $init[docroot]: cannot be entered");
        }
        bdupdate_bare_define_constants($init['docroot']);
        $options = array_filter($init['database'], function ($value) {
            return $value !== null && $value !== '';
        });
        $options += array('username' => '', 'password' => '', 'host' => 'localhost');
        $this->connection = $options['driver'] === 'sqlite'
            ? new DatabaseConnection_sqlite($options)
            : new DatabaseConnection_mysql($options);
        Database::useConnection($this->connection);
        BdupdateBareConfigs::useDirectory($this->init['active_config']);
        self::$current = $this;
        $this->findNumbers();
    }

    /** Looks for the table of the last-run numbers. */
    public function findNumbers()
    {
        $this->numbers = null;
        foreach (array('system', 'schema') as $table) {
            if ($this->numbers === null && $this->connection->schema()->tableExists($table)) {
                $this->numbers = $table;
            }
        }
    }

    /**
     * The rows of a query on {system} or, on sites without it, of another one on {schema}.
     *
     * @return array<int, stdClass>
     */
    private function installed($on_system, $on_schema)
    {
        if ($this->numbers === null) {
            return array();
        }
        return array_values(db_query($this->numbers === 'system' ? $on_system : $on_schema)->fetchAll());
    }

    /** @return array<int, string> */
    private function installedNames($on_system, $on_schema)
    {
        return array_map(function ($row) {
            return $row->name;
        }, $this->installed($on_system, $on_schema));
    }

    public function driver()
    {
        return $this->connection->driver();
    }

    public function pdo()
    {
        return $this->connection->pdo();
    }

    public function table($name)
    {
        return $this->connection->prefixTables('{' . $name . '}');
    }

    public function install(BdupdateGuard $guard)
    {
        $this->connection->setGuard($guard);
    }

    public function beforeFirstPass(array $known)
    {
        return array();
    }

    public function openTransaction()
    {
        if ($this->driver() === 'sqlite') {
            $this->pdo()->exec('BEGIN IMMEDIATE');
        } else {
            if (!$this->held) {
                $this->pdo()->exec('SET autocommit = 0');
                $this->held = true;
            }
            $this->pdo()->exec('START TRANSACTION');
        }
        $this->connection->setOuter(true);
    }

    public function commitTransaction()
    {
        $this->connection->setOuter(false);
        $this->pdo()->exec('COMMIT');
    }

    public function rollbackTransaction()
    {
        $this->connection->setOuter(false);
        try {
            $this->pdo()->exec('ROLLBACK');
            $this->freeTransactions();
        } catch (PDOException $exception) {
            // The connection is gone or there is nothing to roll back: either way nothing of the pass is left.
            return;
        }
    }

    public function transactionSplit()
    {
        $this->connection->forgetOuter();
        $this->freeTransactions();
    }

    public function freeTransactions()
    {
        if ($this->held) {
            $this->held = false;
            $this->pdo()->exec('SET autocommit = 1');
        }
    }

    public function configListing()
    {
        $directory = $this->init['active_config'];
        if ($directory === '') {
            return null;
        }
        $entries = is_dir($directory) ? scandir($directory) : false;
        if ($entries === false) {
            throw new ConfigStorageException("config directory $directory: cannot be read");
        }
        clearstatcache();
        $sizes = array();
        foreach ($entries as $entry) {
            if (substr($entry, -5) === '.json' && is_file("$directory/$entry")) {
                $sizes[$entry] = (int) filesize("$directory/$entry");
            }
        }
        return $sizes;
    }

    public function boot()
    {
        $this->readSettings();
        // The order of Backdrop: enabled modules are loaded first, then the .install files of all installed ones.
        $order = $this->hookOrder();
        $this->loadModules(array_intersect($order, $this->enabledModules()));
        foreach ($order as $module) {
            module_load_install($module);
        }
        return false;
    }

    private function loadModules(array $modules)
    {
        foreach ($modules as $module) {
            if ($this->modules()->state($module) === 'present') {
                module_load_include('module', $module);
            }
        }
    }

    public function takeIn(array $modules)
    {
        $this->loadModules($modules);
        array_map('module_load_install', $modules);
    }

    public function preload($root)
    {
    }

    /** Includes settings.php for what the API gives of it: $settings, $config, $conf and $config_directories. */
    private function readSettings()
    {
        global $settings, $config, $conf, $config_directories, $databases, $database, $database_prefix, $database_charset;
        if ($this->init['settings_file'] !== '' && is_file($this->init['settings_file'])) {
            require_once $this->init['settings_file'];
        }
    }

    /** @return BdupdateBareModules */
    public function modules()
    {
        if ($this->modules === null) {
            $this->modules = new BdupdateBareModules($this->init['docroot']);
        }
        return $this->modules;
    }

    /** @return string the docroot */
    public function root()
    {
        return $this->init['docroot'];
    }

    /** @return string */
    public function confPath()
    {
        return $this->init['conf_path'];
    }

    public function moduleRows()
    {
        $enabled = array_fill_keys($this->enabledModules(), true);
        $rows = array();
        foreach ($this->schemaVersions() as $name => $version) {
            $rows[] = array('name' => $name, 'schema_version' => $version, 'enabled' => isset($enabled[$name]));
        }
        return $rows;
    }

    public function schemaVersions()
    {
        // Core's very query: its order is the order of the plan.
        $versions = array();
        $on_system = "SELECT name, schema_version FROM {system} WHERE type = 'module'";
        foreach ($this->installed($on_system, 'SELECT name, schema_version FROM {schema}') as $row) {
            $versions[$row->name] = (int) $row->schema_version;
        }
        return $versions;
    }

    public function hookOrder()
    {
        return $this->installedNames(
            "SELECT name FROM {system} WHERE type = 'module' AND schema_version <> -1 ORDER BY weight ASC, name ASC",
            'SELECT name FROM {schema} WHERE schema_version <> -1 ORDER BY name ASC'
        );
    }

    public function modulesTable()
    {
        return $this->table($this->numbers ?: 'schema');
    }

    public function enabledModules()
    {
        $names = $this->installedNames(
            "SELECT name FROM {system} WHERE type = 'module' AND status = 1",
            'SELECT name FROM {schema} WHERE schema_version <> -1'
        );
        sort($names, SORT_STRING);
        return $names;
    }

    public function codeStates()
    {
        $states = array();
        foreach ($this->hookOrder() as $module) {
            $states[$module] = $this->modules()->state($module);
        }
        return $states;
    }

    public function mergedModules()
    {
        return array();
    }

    public function requirements()
    {
        $words = array(REQUIREMENT_WARNING => 'warning', REQUIREMENT_ERROR => 'error');
        $found = array();
        foreach ($this->enabledModules() as $module) {
            $requirements = module_invoke($module, 'requirements', 'update');
            foreach (is_array($requirements) ? $requirements : array() as $name => $requirement) {
                $severity = isset($requirement['severity']) ? $requirement['severity'] : REQUIREMENT_OK;
                if (!isset($words[$severity])) {
                    continue;
                }
                $found[] = array(
                    'name' => (string) $name,
                    'title' => isset($requirement['title']) ? (string) $requirement['title'] : '',
                    'value' => isset($requirement['value']) ? (string) $requirement['value'] : '',
                    'description' => isset($requirement['description']) ? (string) $requirement['description'] : '',
                    'severity' => $words[$severity],
                );
            }
        }
        return $found;
    }

    public function callUpdate($module, $number, $function, &$sandbox)
    {
        if (!is_callable($function)) {
            throw new BdupdateBareException("update function $function() does not exist");
        }
        try {
            return $function($sandbox);
        } catch (Error $error) {
            if (preg_match('/^Call to undefined function ([\w\\\\]+)\(\)/', $error->getMessage(), $matches) !== 1) {
                throw $error;
            }
            throw new BdupdateBareException(self::explainUndefined($matches[1]), 0, $error);
        }
    }

    public function takeMessages()
    {
        return BdupdateBareMessages::take();
    }

    public function setSchemaVersion($module, $number)
    {
        if ($this->numbers === 'system') {
            db_update('system')->fields(array('schema_version' => (int) $number))
                ->condition('type', 'module')->condition('name', $module)->execute();
            return;
        }
        db_merge('schema')->key(array('name' => $module))->fields(array('schema_version' => (int) $number))->execute();
    }

    /**
     * Enables a module with the number 0.
     *
     * @param string $module
     */
    public function enable($module)
    {
        if ($this->numbers !== 'system') {
            $this->setSchemaVersion($module, 0);
            return;
        }
        $directory = (string) $this->modules()->directory($module);
        db_merge('system')
            ->insertFields(array('filename' => "$directory/$module.module", 'name' => $module, 'type' => 'module', 'status' => 1,
                'schema_version' => 0, 'info' => serialize($this->modules()->described($module))))
            ->condition('type', 'module')
            ->condition('name', $module)
            ->updateFields(array('status' => 1, 'schema_version' => 0))
            ->execute();
    }

    public function upgrade($step)
    {
        throw new RuntimeException('a bare site is not upgraded from Drupal 7');
    }

    public function assertMaintenance()
    {
    }

    public function flush()
    {
        foreach (BdupdateBareCaches::tables() as $table) {
            db_delete($table)->execute();
        }
    }
}
