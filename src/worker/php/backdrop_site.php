<?php

/**
 * A Backdrop site, booted the way core/update.php does it.
 */
final class BdupdateBackdropSite implements BdupdateSite
{
    /** @var string */
    private $root = '';

    /** @var BdupdateBackdropConnection|null */
    private $connection = null;

    /** @var array|null What schemaVersions() would read, where core has just read it. */
    private $versions = null;

    /**
     * {@inheritdoc}
     */
    public function connect(array $init)
    {
        $this->root = rtrim($init['docroot'], '/');
        define('BACKDROP_ROOT', $this->root);
        define('MAINTENANCE_MODE', 'update');
        bdupdate_declare_update_page();
        $this->fakeRequest($init['conf_path']);
        // The files that core/update.php loads before its minimal bootstrap, and update_prepare_bootstrap() in it.
        foreach (array('bootstrap', 'update', 'common', 'file', 'unicode', 'install') as $file) {
            require_once $this->root . '/core/includes/' . $file . '.inc';
        }
        require_once $this->root . '/core/modules/entity/entity.controller.inc';
        if ($init['conf_path'] !== '' && $init['conf_path'] !== '.') {
            $path = &backdrop_static('conf_path', '');
            $path = './' . $init['conf_path'];
        }
        backdrop_bootstrap(BACKDROP_BOOTSTRAP_CONFIGURATION);
        // core's handler prints and ends on some errors; the worker's own one, set before, collects them.
        restore_error_handler();
        if (empty($GLOBALS['databases']['default']['default'])) {
            throw new RuntimeException('settings.php sets no database');
        }
        backdrop_bootstrap(BACKDROP_BOOTSTRAP_DATABASE);
        // What a hook reads from a replica must not be older than what it wrote.
        Database::ignoreTarget('default', 'replica');
        $this->connection = new BdupdateBackdropConnection(Database::getConnection('default', 'default'));
    }

    /**
     * {@inheritdoc}
     */
    public function driver()
    {
        return $this->connection()->core()->driver();
    }

    /**
     * {@inheritdoc}
     */
    public function pdo()
    {
        return $this->connection()->pdo();
    }

    /**
     * {@inheritdoc}
     */
    public function table($name)
    {
        return $this->connection()->core()->prefixTables('{' . $name . '}');
    }

    /**
     * {@inheritdoc}
     */
    public function install(BdupdateGuard $guard)
    {
        $this->connection()->guard($guard);
    }

    /**
     * {@inheritdoc}
     *
     * The scratch table of this question would commit. Newer cores keep the answer with the connection; for the others the
     * statement class answers.
     */
    public function beforeFirstPass()
    {
        BdupdateBackdropStatement::$utf8mb4 = $this->connection()->core()->utf8mb4IsSupported();
    }

    /**
     * {@inheritdoc}
     */
    public function openTransaction()
    {
        $this->connection()->begin();
    }

    /**
     * {@inheritdoc}
     */
    public function commitTransaction()
    {
        $this->connection()->commit();
    }

    /**
     * {@inheritdoc}
     */
    public function rollbackTransaction()
    {
        $this->connection()->rollback();
    }

    /**
     * {@inheritdoc}
     */
    public function transactionSplit()
    {
        $this->connection()->split();
    }

    /**
     * {@inheritdoc}
     */
    public function configListing()
    {
        if (!is_a(config_get_config_storage('active'), 'ConfigFileStorage')) {
            return null;
        }
        $directory = config_get_config_directory('active');
        $listing = array();
        foreach ((array) @scandir($directory) as $name) {
            if (substr((string) $name, -5) === '.json' && is_file($directory . '/' . $name)) {
                $listing[(string) $name] = (int) filesize($directory . '/' . $name);
            }
        }
        return $listing;
    }

    /**
     * {@inheritdoc}
     */
    public function boot()
    {
        $before = $this->moduleFiles();
        (new BdupdateBackdropBoot($this->root))->boot();
        return $before !== $this->moduleFiles();
    }

    /**
     * {@inheritdoc}
     */
    public function upgrade($step)
    {
        (new BdupdateBackdropBoot($this->root))->upgrade($step);
    }

    /**
     * {@inheritdoc}
     */
    public function moduleRows()
    {
        $enabled = array();
        foreach (db_query("SELECT name, status FROM {system} WHERE type = 'module'") as $row) {
            $enabled[$row->name] = (int) $row->status !== 0;
        }
        // core's own query: another list of columns could be read from another index, in another order.
        $rows = array();
        foreach (db_query('SELECT name, schema_version FROM {system} WHERE type = :type', array(':type' => 'module')) as $row) {
            $rows[$row->name] = array(
                'name' => (string) $row->name,
                'schema_version' => (int) $row->schema_version,
                'enabled' => !empty($enabled[$row->name]),
            );
        }
        return array_values($rows);
    }

    /**
     * {@inheritdoc}
     */
    public function schemaVersions()
    {
        $versions = $this->versions;
        $this->versions = null;
        if ($versions === null) {
            $versions = array_map('intval', db_query("SELECT name, schema_version FROM {system} WHERE type = 'module'")->fetchAllKeyed());
        }
        return $versions;
    }

    /**
     * {@inheritdoc}
     */
    public function hookOrder()
    {
        return db_query("SELECT name FROM {system} WHERE type = 'module' AND schema_version <> :schema ORDER BY weight ASC, name ASC", array(':schema' => SCHEMA_UNINSTALLED))->fetchCol();
    }

    /**
     * {@inheritdoc}
     */
    public function codeStates()
    {
        $merged = array_flip($this->mergedModules());
        $files = system_rebuild_module_data();
        $states = array();
        foreach ($this->moduleRows() as $row) {
            $name = $row['name'];
            if ($row['schema_version'] === SCHEMA_UNINSTALLED) {
                continue;
            }
            if (!update_check_incompatibility($name)) {
                $states[$name] = 'present';
            } elseif (isset($merged[$name])) {
                $states[$name] = 'merged';
            } elseif (!isset($files[$name])) {
                $states[$name] = 'not_found';
            } elseif (!isset($files[$name]->info['backdrop']) || $files[$name]->info['backdrop'] != BACKDROP_CORE_COMPATIBILITY) {
                $states[$name] = 'wrong_core';
            } else {
                $states[$name] = 'php_too_old';
            }
        }
        return $states;
    }

    /**
     * {@inheritdoc}
     */
    public function mergedModules()
    {
        return function_exists('backdrop_merged_modules') ? array_values(backdrop_merged_modules()) : array();
    }

    /**
     * {@inheritdoc}
     */
    public function requirements()
    {
        $all = module_invoke_all('requirements', 'update') + update_extra_requirements();
        $list = array();
        foreach ($all as $name => $requirement) {
            $severity = is_array($requirement) && isset($requirement['severity']) ? $requirement['severity'] : REQUIREMENT_OK;
            if ($severity != REQUIREMENT_WARNING && $severity != REQUIREMENT_ERROR) {
                continue;
            }
            $list[] = array(
                'name' => (string) $name,
                'title' => isset($requirement['title']) ? (string) $requirement['title'] : '',
                'value' => isset($requirement['value']) ? (string) $requirement['value'] : '',
                'description' => isset($requirement['description']) && is_scalar($requirement['description']) ? (string) $requirement['description'] : '',
                'severity' => $severity == REQUIREMENT_ERROR ? 'error' : 'warning',
            );
        }
        return $list;
    }

    /**
     * {@inheritdoc}
     */
    public function callUpdate($module, $number, $function, &$sandbox)
    {
        BdupdateBackdropLog::listen();
        /** @var callable-string $function */
        return $function($sandbox);
    }

    /**
     * {@inheritdoc}
     */
    public function takeMessages()
    {
        $list = array();
        $messages = isset($_SESSION['messages']) && is_array($_SESSION['messages']) ? $_SESSION['messages'] : array();
        unset($_SESSION['messages']);
        foreach ($messages as $kind => $texts) {
            foreach ((array) $texts as $text) {
                $list[] = array(in_array($kind, array('status', 'warning', 'error'), true) ? $kind : 'status', (string) $text);
            }
        }
        return array_merge($list, BdupdateBackdropLog::take());
    }

    /**
     * {@inheritdoc}
     */
    public function setSchemaVersion($module, $number)
    {
        backdrop_set_installed_schema_version($module, $number);
        // core has just read them all again.
        $this->versions = array_map('intval', backdrop_get_installed_schema_version(null, false, true));
    }

    /**
     * {@inheritdoc}
     */
    public function enabledModules()
    {
        $names = db_query("SELECT name FROM {system} WHERE type = 'module' AND status = 1")->fetchCol();
        sort($names, SORT_STRING);
        return $names;
    }

    /**
     * {@inheritdoc}
     */
    public function assertMaintenance()
    {
        // Not state_get(): an update may have written past it.
        $value = db_query("SELECT value FROM {state} WHERE name = 'maintenance_mode'")->fetchField();
        if (!is_string($value) || !unserialize($value)) {
            state_set('maintenance_mode', true);
        }
    }

    /**
     * {@inheritdoc}
     */
    public function flush()
    {
        // Where somebody else holds this lock, menu_rebuild() returns without having done anything.
        for ($tries = 0; $tries < 35 && !lock_may_be_available('menu_rebuild'); $tries++) {
            lock_wait('menu_rebuild', 1);
        }
        backdrop_flush_all_caches();
        // The last request of an upgrade from Drupal 7.
        if (state_get('update_d7_upgrade') !== null) {
            state_del('update_d7_upgrade');
        }
    }

    /**
     * Where the code of installed modules is, and which are enabled, as the database has it.
     *
     * @return array
     */
    private function moduleFiles()
    {
        $files = array();
        foreach (db_query("SELECT filename, name, status FROM {system} WHERE type = 'module' AND schema_version <> -1 ORDER BY name, filename") as $row) {
            $files[] = array($row->name, $row->filename, $row->status);
        }
        return $files;
    }

    /**
     * Sets what core expects of a web server, as other command line scripts for it do.
     *
     * @param string $confPath
     */
    private function fakeRequest($confPath)
    {
        $_SERVER = array(
            'HTTP_HOST' => $this->hostOf($confPath),
            'SERVER_NAME' => 'localhost',
            'SERVER_ADDR' => '127.0.0.1',
            'REMOTE_ADDR' => '127.0.0.1',
            'REQUEST_METHOD' => 'GET',
            'REQUEST_URI' => '/',
            'SCRIPT_NAME' => '/index.php',
            'SCRIPT_FILENAME' => $this->root . '/index.php',
            'PHP_SELF' => '/index.php',
            'QUERY_STRING' => '',
            'HTTP_USER_AGENT' => 'bdupdate',
            // Not set to a real one: core then takes this for the command line.
            'SERVER_SOFTWARE' => '',
        ) + $_SERVER;
    }

    /**
     * A host name that leads to the site's directory through sites.php, should core look it up again.
     *
     * @param string $confPath
     *
     * @return string
     */
    private function hostOf($confPath)
    {
        $name = basename($confPath);
        if ($confPath === '' || $confPath === '.') {
            return 'localhost';
        }
        $sites = array();
        if (is_file($this->root . '/sites/sites.php')) {
            include $this->root . '/sites/sites.php';
        }
        $host = array_search($name, $sites, true);
        return preg_match('/^[a-z0-9.-]+$/i', (string) $host) === 1 ? (string) $host : $name;
    }

    /** @return BdupdateBackdropConnection */
    private function connection()
    {
        if ($this->connection === null) {
            throw new RuntimeException('not connected');
        }
        return $this->connection;
    }
}
