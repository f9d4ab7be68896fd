<?php

/**
 * Config, state and variables.
 */

/** @return Config */
function config($config_file, $type = 'active')
{
    return BdupdateBareConfigs::get($config_file, $type);
}

function config_get($config_file, $option = null)
{
    return config($config_file)->get($option);
}

function config_get_translated($config_file, $option = null, array $args = array(), array $options = array())
{
    return config($config_file)->getTranslated($option, $args, $options);
}

function config_is_overridden($config_file, $option)
{
    return config($config_file)->isOverridden($option);
}

function config_set($config_file, $option, $value)
{
    config($config_file)->set($option, $value)->save();
}

function config_set_multiple($config_file, array $options)
{
    config($config_file)->setMultiple($options)->save();
}

function config_clear($config_file, $option)
{
    config($config_file)->clear($option)->save();
}

/** @return string */
function config_get_config_directory($type = 'active')
{
    return BdupdateBareConfigs::directory($type);
}

/** @return BdupdateBareConfigStore */
function config_get_config_storage($type = 'active')
{
    return BdupdateBareConfigs::store($type);
}

/** @return array<int, string> */
function config_get_names_with_prefix($prefix, $type = 'active')
{
    return BdupdateBareConfigs::store($type)->listAll($prefix);
}

/** @return array<string, array> */
function config_load_multiple(array $names, $type = 'active')
{
    $store = BdupdateBareConfigs::store($type);
    return array_filter(array_combine($names, array_map(array($store, 'read'), $names)) ?: array());
}

/** @return array<int, string> the config files that a module brings along */
function config_get_default_config_names($project)
{
    $directory = backdrop_get_path('module', $project) . '/config';
    return is_dir($directory) ? (new ConfigFileStorage($directory))->listAll() : array();
}

/**
 * Copies what a module brings along into the active config, where it is not there yet.
 */
function config_install_default_config($project, $config_name = null)
{
    $defaults = new ConfigFileStorage(backdrop_get_path('module', $project) . '/config');
    foreach (config_get_default_config_names($project) as $name) {
        $config = config($name);
        if (($config_name === null || $config_name === $name) && $config->isNew()) {
            $config->setData($defaults->read($name) ?: array());
            module_invoke_all('config_create', $config);
            $config->save();
        }
    }
}

function state_get($name, $default = null)
{
    $value = db_query('SELECT value FROM {state} WHERE name = :name', array(':name' => $name))->fetchField();
    $value = $value === false ? null : unserialize($value);
    return $value === null ? $default : $value;
}

function state_set($name, $value)
{
    db_merge('state')->key(array('name' => $name))->fields(array('value' => serialize($value)))->execute();
    BdupdateBareCaches::forget('cache', 'states');
}

function state_del($name)
{
    db_delete('state')->condition('name', $name)->execute();
    BdupdateBareCaches::forget('cache', 'states');
}

function update_variable_get($name, $default = null)
{
    $value = db_query('SELECT value FROM {variable} WHERE name = :name', array(':name' => $name))->fetchField();
    return $value === false ? $default : unserialize($value);
}

function update_variable_set($name, $value)
{
    db_merge('variable')->key(array('name' => $name))->fields(array('value' => serialize($value)))->execute();
}

function update_variable_del($name)
{
    db_delete('variable')->condition('name', $name)->execute();
}

/** Variables are gone in Backdrop: only what settings.php says in $conf is left. */
function variable_get($name, $default = null)
{
    return isset($GLOBALS['conf'][$name]) ? $GLOBALS['conf'][$name] : $default;
}

function settings_get($name, $default = null)
{
    return isset($GLOBALS['settings'][$name]) ? $GLOBALS['settings'][$name] : $default;
}

/** @return string where settings.php lies, relative to the docroot */
function conf_path()
{
    return BdupdateBareSite::current()->confPath();
}

/**
 * The cache tables, as far as there are any: nothing is ever put into them here.
 */
class BdupdateBareCaches
{
    /** @var array<int, string> what core's cache tables have */
    const COLUMNS = array('cid', 'data', 'expire', 'created', 'serialized');

    /** Takes one entry out of a cache table, if the site has that table. */
    public static function forget($table, $cid)
    {
        if (Database::getConnection()->schema()->tableExists($table)) {
            db_delete($table)->condition('cid', $cid)->execute();
        }
    }

    /** @return array<int, string> names, without prefix, of tables named cache or cache_* that have core's columns */
    public static function tables()
    {
        $connection = Database::getConnection();
        $schema = $connection->schema();
        $prefix = $connection->tablePrefix();
        $found = array();
        foreach ($schema->findTables($connection->escapeLike($prefix . 'cache') . '%') as $full_name) {
            $name = (string) substr($full_name, strlen($prefix));
            if ($name !== 'cache' && strpos($name, 'cache_') !== 0) {
                continue;
            }
            $has = array_filter(self::COLUMNS, function ($column) use ($schema, $name) {
                return $schema->fieldExists($name, $column);
            });
            if (count($has) === count(self::COLUMNS)) {
                $found[] = $name;
            }
        }
        return $found;
    }
}
