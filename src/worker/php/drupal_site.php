<?php

/**
 * A Drupal 7 site, booted the way its update.php does it.
 */
final class BdupdateDrupalSite extends BdupdateCoreSite
{
    /**
     * {@inheritdoc}
     */
    public function preload($root)
    {
        $this->loadCore('DRUPAL_ROOT', $root, array(
            'includes/bootstrap.inc',
            'includes/update.inc',
            'includes/common.inc',
            'includes/file.inc',
            'includes/entity.inc',
            'includes/unicode.inc',
            'includes/install.inc',
        ));
    }

    /**
     * {@inheritdoc}
     */
    public function connect(array $init)
    {
        $this->preload($init['docroot']);
        $this->fakeRequest($init['conf_path']);
        // Drupal knows the command line by this being unset, and reads it all the same.
        $_SERVER['SERVER_SOFTWARE'] = null;
        $path = &drupal_static('conf_path', '');
        $path = $init['conf_path'];
        drupal_bootstrap(DRUPAL_BOOTSTRAP_CONFIGURATION);
        // core's handler prints and ends on some errors; the worker's own one, set before, collects them.
        restore_error_handler();
        if (empty($GLOBALS['databases']['default']['default'])) {
            throw new RuntimeException('settings.php sets no database');
        }
        drupal_bootstrap(DRUPAL_BOOTSTRAP_DATABASE);
        // What a hook reads from a replica must not be older than what it wrote.
        Database::ignoreTarget('default', 'slave');
        $this->connection = new BdupdateCoreConnection(Database::getConnection('default', 'default'), 'connection');
    }

    /**
     * {@inheritdoc}
     */
    public function configListing()
    {
        return null;
    }

    /**
     * {@inheritdoc}
     */
    public function boot()
    {
        $before = $this->moduleFiles();
        update_prepare_d7_bootstrap();
        // update.php does so, for the sake of sites that come from Drupal 6.
        $configurable = variable_get('configurable_timezones', 1);
        $GLOBALS['conf']['configurable_timezones'] = 0;
        drupal_bootstrap(DRUPAL_BOOTSTRAP_SESSION);
        $GLOBALS['conf']['configurable_timezones'] = $configurable;
        drupal_bootstrap(DRUPAL_BOOTSTRAP_LANGUAGE);
        update_fix_d7_requirements();
        drupal_bootstrap(DRUPAL_BOOTSTRAP_FULL);
        drupal_maintenance_theme();
        require_once $this->root . '/includes/batch.inc';
        drupal_load_updates();
        // New hook implementations in the new code must be seen.
        module_implements('', false, true);
        update_fix_compatibility();
        drupal_get_installed_schema_version(null, true);
        return $before !== $this->moduleFiles();
    }

    /**
     * {@inheritdoc}
     */
    public function upgrade($step)
    {
        throw new RuntimeException('Drupal 7 has no step ' . $step);
    }

    /**
     * {@inheritdoc}
     */
    public function mergedModules()
    {
        return array();
    }

    /**
     * {@inheritdoc}
     */
    public function callUpdate($module, $number, $function, &$sandbox)
    {
        BdupdateCoreLog::listen('drupal_static');
        /** @var callable-string $function */
        return $function($sandbox);
    }

    /**
     * {@inheritdoc}
     */
    public function setSchemaVersion($module, $number)
    {
        drupal_set_installed_schema_version($module, $number);
        // core has just read them all again.
        $this->versions = array_map('intval', drupal_get_installed_schema_version(null, false, true));
    }

    /**
     * {@inheritdoc}
     */
    public function takeIn(array $modules)
    {
        foreach ($modules as $module) {
            drupal_load('module', $module);
            module_load_install($module);
        }
        system_list_reset();
        module_list(true);
        module_implements('', false, true);
    }

    /**
     * {@inheritdoc}
     */
    public function assertMaintenance()
    {
        // Not variable_get(): an update may have written past it.
        $value = db_query("SELECT value FROM {variable} WHERE name = 'maintenance_mode'")->fetchField();
        if (!is_string($value) || !unserialize($value)) {
            variable_set('maintenance_mode', true);
        }
    }

    /**
     * {@inheritdoc}
     */
    public function flush()
    {
        variable_del('update_d6');
        $this->awaitMenuLock();
        drupal_flush_all_caches();
    }

    /**
     * {@inheritdoc}
     */
    protected function fits(array $info)
    {
        return isset($info['core']) && $info['core'] == DRUPAL_CORE_COMPATIBILITY;
    }
}
