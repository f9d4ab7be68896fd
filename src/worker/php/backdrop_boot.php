<?php

/**
 * What core/update.php does in each of its requests, before and around the updates.
 */
final class BdupdateBackdropBoot
{
    /** @var string The docroot. */
    private $root;

    /**
     * @param string $root
     */
    public function __construct($root)
    {
        $this->root = $root;
    }

    /**
     * Every request of core/update.php that updates belong to, up to what it does for its `op`.
     */
    public function boot()
    {
        $this->prepare();
        backdrop_bootstrap(BACKDROP_BOOTSTRAP_LANGUAGE);
        update_fix_requirements();
        backdrop_bootstrap(BACKDROP_BOOTSTRAP_FULL);
        backdrop_maintenance_theme();
        $this->load(array('install', 'backup', 'batch'));
        backdrop_load_updates();
        // New hook implementations in the new code must be seen.
        module_implements_reset();
        update_fix_compatibility();
        backdrop_get_installed_schema_version(null, true);
        // update.php asks for it by the token of its page. That reads all states, too: where nothing has before a state_del() in
        // an update, core takes them for empty in the rest of the process.
        backdrop_get_private_key();
    }

    /**
     * A request that comes before the updates of a Drupal 7 database. Each needs a process of its own: what one writes, the next
     * one loads (crash safety, Start 10).
     *
     * @param string $step
     *   'first', 'info' or 'dependencies'.
     */
    public function upgrade($step)
    {
        switch ($step) {
            case 'first':
                $this->first();
                return;
            case 'info':
                $this->boot();
                $this->info();
                return;
            case 'dependencies':
                $this->boot();
                update_upgrade_enable_dependencies();
                return;
        }
        throw new RuntimeException('unknown step of the upgrade: ' . $step);
    }

    private function prepare()
    {
        update_prepare_bootstrap();
        backdrop_bootstrap(BACKDROP_BOOTSTRAP_SESSION);
        $GLOBALS[LANGUAGE_TYPE_INTERFACE] = language_default();
    }

    /**
     * The first request: only the module system, whose requirements are asked next. They rebuild {system}, which then knows the
     * modules of Backdrop.
     */
    private function first()
    {
        $this->prepare();
        $this->load(array('install', 'module', 'tablesort'));
        require_once $this->root . '/core/modules/system/system.install';
        $list = array('system' => array('filename' => 'core/modules/system/system.module'));
        module_list(true, false, false, $list);
        backdrop_load('module', 'system');
        module_implements_reset();
        backdrop_language_initialize();
        backdrop_maintenance_theme();
        $this->protectConfig();
    }

    /**
     * What the info page does besides showing something.
     */
    private function info()
    {
        _backdrop_flush_css_js();
        if (db_table_exists('cache_update')) {
            cache('update')->flush();
        }
        backdrop_theme_rebuild();
        update_upgrade_check_dependencies();
    }

    /**
     * On the command line core leaves the .htaccess out that keeps config directories from visitors.
     */
    private function protectConfig()
    {
        foreach (array('active', 'staging') as $type) {
            if (is_a(config_get_config_storage($type), 'ConfigFileStorage') && is_dir(config_get_config_directory($type))) {
                file_save_htaccess(config_get_config_directory($type));
            }
        }
    }

    private function load(array $files)
    {
        foreach ($files as $file) {
            if (file_exists($this->root . '/core/includes/' . $file . '.inc')) {
                require_once $this->root . '/core/includes/' . $file . '.inc';
            }
        }
    }
}
