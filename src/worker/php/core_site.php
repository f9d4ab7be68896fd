<?php

/**
 * What Backdrop and Drupal 7 have in common: {system}, the database layer, hooks.
 */
abstract class BdupdateCoreSite implements BdupdateSite
{
    /** @var string */
    protected $root = '';

    /** @var BdupdateCoreConnection|null */
    protected $connection = null;

    /** @var array|null What schemaVersions() would read, where core has just read it. */
    protected $versions = null;

    /**
     * Whether a module's .info file says that it is for this core.
     *
     * @param array $info
     *
     * @return bool
     */
    abstract protected function fits(array $info);

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
    public function freeTransactions()
    {
        $this->connection()->free();
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
            } elseif (!$this->fits($files[$name]->info)) {
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
        return array_merge($list, BdupdateCoreLog::take());
    }

    /**
     * {@inheritdoc}
     */
    public function modulesTable()
    {
        return $this->table('system');
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
    public function beforeFirstPass(array $known)
    {
        return array('utf8mb4' => $this->connection()->askUtf8mb4(isset($known['utf8mb4']) ? $known['utf8mb4'] : null));
    }

    /**
     * Waits where somebody else holds this lock: menu_rebuild() would return without having done anything.
     */
    protected function awaitMenuLock()
    {
        for ($tries = 0; $tries < 35 && !lock_may_be_available('menu_rebuild'); $tries++) {
            lock_wait('menu_rebuild', 1);
        }
    }

    /**
     * Where the code of installed modules is, and which are enabled, as the database has it.
     *
     * @return array
     */
    protected function moduleFiles()
    {
        $files = array();
        foreach (db_query("SELECT filename, name, status FROM {system} WHERE type = 'module' AND schema_version <> -1 ORDER BY name, filename") as $row) {
            $files[] = array($row->name, $row->filename, $row->status);
        }
        return $files;
    }

    /**
     * Loads files of core that only define things.
     *
     * @param string $constant
     *   The one in which core has its docroot.
     * @param string $root
     */
    protected function loadCore($constant, $root, array $files)
    {
        $this->root = rtrim($root, '/');
        if (!defined($constant)) {
            define($constant, $this->root);
            define('MAINTENANCE_MODE', 'update');
            bdupdate_declare_update_page();
        }
        foreach ($files as $file) {
            require_once $this->root . '/' . $file;
        }
    }

    /**
     * Sets what core expects of a web server, as other command line scripts for it do.
     *
     * @param string $confPath
     */
    protected function fakeRequest($confPath)
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
    protected function hostOf($confPath)
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

    /** @return BdupdateCoreConnection */
    protected function connection()
    {
        if ($this->connection === null) {
            throw new RuntimeException('not connected');
        }
        return $this->connection;
    }
}
