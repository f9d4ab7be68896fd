<?php

/**
 * A Backdrop site, booted the way core/update.php does it.
 */
final class BdupdateBackdropSite extends BdupdateCoreSite
{
    /**
     * {@inheritdoc}
     */
    public function preload($root)
    {
        // The files that core/update.php loads before its minimal bootstrap, and update_prepare_bootstrap() in it.
        $this->loadCore('BACKDROP_ROOT', $root, array(
            'core/includes/bootstrap.inc',
            'core/includes/update.inc',
            'core/includes/common.inc',
            'core/includes/file.inc',
            'core/includes/unicode.inc',
            'core/includes/install.inc',
            'core/modules/entity/entity.controller.inc',
        ));
    }

    /**
     * {@inheritdoc}
     */
    public function connect(array $init)
    {
        $this->preload($init['docroot']);
        $this->fakeRequest($init['conf_path']);
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
        $this->connection = new BdupdateCoreConnection(Database::getConnection('default', 'default'), 'pdo');
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
    public function mergedModules()
    {
        return function_exists('backdrop_merged_modules') ? array_values(backdrop_merged_modules()) : array();
    }

    /**
     * {@inheritdoc}
     */
    public function callUpdate($module, $number, $function, &$sandbox)
    {
        BdupdateCoreLog::listen('backdrop_static');
        /** @var callable-string $function */
        return $function($sandbox);
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
    public function takeIn(array $modules)
    {
        foreach ($modules as $module) {
            backdrop_load('module', $module);
            module_load_install($module);
        }
        system_list_reset();
        module_list(true);
        module_implements_reset();
        backdrop_static_reset('backdrop_autoload');
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
        $this->awaitMenuLock();
        backdrop_flush_all_caches();
        // The last request of an upgrade from Drupal 7.
        if (state_get('update_d7_upgrade') !== null) {
            state_del('update_d7_upgrade');
        }
    }

    /**
     * {@inheritdoc}
     */
    protected function fits(array $info)
    {
        return isset($info['backdrop']) && $info['backdrop'] == BACKDROP_CORE_COMPATIBILITY;
    }
}
