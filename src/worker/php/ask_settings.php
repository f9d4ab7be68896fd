<?php

/**
 * Loads a settings.php the way core does and tells which variables it leaves behind.
 *
 * Core includes the file in backdrop_settings_initialize() (Drupal 7: drupal_settings_initialize()): the variables that are
 * declared global there are global here too, and the functions and constants that settings files use exist.
 */
final class BdupdateAskSettings
{
    /**
     * @param string $docroot
     * @param string $settingsFile
     *   settings.php, or sites/sites.php.
     *
     * @return array
     *   The variables by name, those that are set; 'backdrop_settings' is $_SERVER['BACKDROP_SETTINGS'] as the file left it.
     */
    public static function ask($docroot, $settingsFile)
    {
        if (!@chdir($docroot)) {
            throw new RuntimeException('this PHP does not see the docroot ' . $docroot);
        }
        if (!is_file($settingsFile)) {
            throw new RuntimeException('this PHP does not see ' . $settingsFile);
        }
        if (!is_readable($settingsFile)) {
            throw new RuntimeException('this PHP may not read ' . $settingsFile);
        }
        self::prepare($docroot, $settingsFile);
        $level = ob_get_level();
        ob_start();
        try {
            $variables = self::load($settingsFile, self::startsWithEmptySettings($docroot));
        } finally {
            while (ob_get_level() > $level) {
                ob_end_clean();
            }
        }
        if (isset($_SERVER['BACKDROP_SETTINGS'])) {
            $variables['backdrop_settings'] = $_SERVER['BACKDROP_SETTINGS'];
        }
        return self::plain($variables);
    }

    /**
     * What settings files may count on.
     *
     * @param string $docroot
     * @param string $settingsFile
     */
    private static function prepare($docroot, $settingsFile)
    {
        $constants = array('BACKDROP_ROOT' => $docroot, 'DRUPAL_ROOT' => $docroot, 'MAINTENANCE_MODE' => 'update');
        foreach ($constants as $name => $value) {
            if (!defined($name)) {
                define($name, $value);
            }
        }
        $directory = dirname($settingsFile);
        $confPath = strpos($directory, $docroot . '/sites/') === 0 ? '.' . substr($directory, strlen($docroot)) : '.';
        BdupdateSettingsSurroundings::$confPath = $confPath;
        $functions = array(
            'conf_path' => 'return BdupdateSettingsSurroundings::$confPath;',
            'fast_404' => '',
            'drupal_fast_404' => '',
            'backdrop_is_cli' => 'return true;',
            'drupal_is_cli' => 'return true;',
        );
        foreach ($functions as $name => $body) {
            if (!function_exists($name)) {
                eval('function ' . $name . '() { ' . $body . ' }');
            }
        }
        $_SERVER += array('HTTP_HOST' => 'localhost', 'REMOTE_ADDR' => '127.0.0.1', 'REQUEST_METHOD' => 'GET');
        $_SERVER['SCRIPT_NAME'] = '/core/update.php';
    }

    /**
     * Whether this core sets $settings to an array before it reads the file: up to 1.27.
     *
     * @param string $docroot
     *
     * @return bool
     */
    private static function startsWithEmptySettings($docroot)
    {
        $head = @file_get_contents($docroot . '/core/includes/bootstrap.inc', false, null, 0, 8192);
        $found = $head !== false && preg_match("/define\('BACKDROP_VERSION', *'([^']+)'/", $head, $match);
        return $found && version_compare($match[1], '1.28', '<');
    }

    /**
     * @return array
     */
    private static function load()
    {
        global $base_url, $base_path, $base_root, $databases, $cookie_domain, $conf, $settings, $installed_profile, $is_https;
        global $base_secure_url, $base_insecure_url, $config_directories, $config, $db_url, $db_prefix, $update_free_access;
        global $drupal_hash_salt;
        $conf = array();
        $conf_path = conf_path();
        $sites = array();
        if (func_get_arg(1)) {
            $settings = array();
        }
        require_once func_get_arg(0);
        $names = array('database', 'databases', 'config_directories', 'settings', 'config', 'database_prefix');
        $names = array_merge($names, array('database_charset', 'update_free_access', 'sites', 'conf'));
        return array_intersect_key(get_defined_vars(), array_flip($names));
    }

    /**
     * Without objects, and with text that JSON cannot hold wrapped.
     *
     * @param mixed $value
     *
     * @return mixed
     */
    private static function plain($value)
    {
        if (is_array($value)) {
            return array_map(array(__CLASS__, 'plain'), $value);
        }
        if (is_string($value) && !preg_match('//u', $value)) {
            return array('bdupdate_base64' => base64_encode($value));
        }
        return is_scalar($value) ? $value : null;
    }
}

/**
 * What the functions that settings files may call return.
 */
final class BdupdateSettingsSurroundings
{
    /** @var string */
    public static $confPath = '.';
}
