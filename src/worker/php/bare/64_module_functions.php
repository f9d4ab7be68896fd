<?php

/**
 * Modules and their schema.
 */

/** @return string|false */
function module_load_include($type, $module, $name = null)
{
    $site = BdupdateBareSite::current();
    $directory = $site->modules()->directory($module);
    $file = $site->root() . '/' . $directory . '/' . ($name === null ? $module : $name) . '.' . $type;
    if ($directory === null || !is_file($file)) {
        return false;
    }
    require_once $file;
    return $file;
}

/** @return string|false */
function module_load_install($module)
{
    return module_load_include('install', $module);
}

/** @return bool */
function backdrop_load($type, $name)
{
    return $type === 'module' && module_load_include('module', $name) !== false;
}

/** @return string relative to the docroot; "" for an unknown module */
function backdrop_get_path($type, $name)
{
    return $type === 'module' ? (string) BdupdateBareSite::current()->modules()->directory($name) : '';
}

/** @return string|null */
function backdrop_get_filename($type, $name, $filename = null)
{
    $directory = backdrop_get_path($type, $name);
    return $directory === '' ? null : "$directory/$name.module";
}

/** @return string */
function backdrop_get_profile()
{
    $profile = config_get('system.core', 'install_profile');
    return is_string($profile) ? $profile : 'standard';
}

/** @return array<string, string> names of enabled modules */
function module_list($refresh = false, $bootstrap_refresh = false, $sort = false, $fixed_list = null)
{
    return backdrop_map_assoc(BdupdateBareSite::current()->enabledModules());
}

/** @return bool */
function module_exists($module)
{
    return in_array($module, BdupdateBareSite::current()->enabledModules(), true);
}

function module_set_weight($module, $weight)
{
    db_update('system')->fields(array('weight' => $weight))
        ->condition('type', 'module')->condition('name', $module)->execute();
}

/** @return bool */
function module_hook($module, $hook)
{
    return function_exists($module . '_' . $hook);
}

/** @return mixed */
function module_invoke($module, $hook, ...$args)
{
    $function = $module . '_' . $hook;
    return is_callable($function) ? call_user_func_array($function, $args) : null;
}

/** @return array */
function module_invoke_all($hook, ...$args)
{
    $return = array();
    foreach (array_values(module_list()) as $module) {
        $result = module_invoke($module, $hook, ...$args);
        if (is_array($result)) {
            $return = array_merge_recursive($return, $result);
        } elseif ($result !== null) {
            $return[] = $result;
        }
    }
    return $return;
}

/**
 * Enables modules without invoking hooks: their MODULE_schema_0() tables, and the number 0, so that all their updates are pending.
 */
function update_module_enable(array $modules)
{
    foreach ($modules as $module) {
        module_load_install($module);
        foreach (module_invoke($module, 'schema_0') ?: array() as $table => $spec) {
            db_create_table($table, $spec);
        }
        BdupdateBareSite::current()->enable($module);
    }
}

/** @return array one table's schema array, or all of a module's */
function backdrop_get_schema_unprocessed($module, $table = null)
{
    module_load_install($module);
    $schema = module_invoke($module, 'schema') ?: array();
    return $table !== null && isset($schema[$table]) ? $schema[$table] : $schema;
}

/** @return array|false one table's schema array, or those of all installed modules */
function backdrop_get_schema($table = null, $rebuild = false)
{
    $schema = array();
    foreach (BdupdateBareSite::current()->hookOrder() as $module) {
        $schema += module_invoke($module, 'schema') ?: array();
    }
    if ($table === null) {
        return $schema;
    }
    return isset($schema[$table]) ? $schema[$table] : false;
}

function backdrop_install_schema($module)
{
    foreach (backdrop_get_schema_unprocessed($module) as $name => $table) {
        db_create_table($name, $table);
    }
}

function backdrop_uninstall_schema($module)
{
    foreach (array_keys(backdrop_get_schema_unprocessed($module)) as $name) {
        db_drop_table($name);
    }
}

/** @return int|array<string, int> the last-run number; -1 where the module is not installed */
function backdrop_get_installed_schema_version($module, $reset = false, $array = false)
{
    $versions = array();
    foreach (BdupdateBareSite::current()->moduleRows() as $row) {
        $versions[$row['name']] = $row['schema_version'];
    }
    if ($array) {
        return $versions;
    }
    return isset($versions[$module]) ? $versions[$module] : SCHEMA_UNINSTALLED;
}

function backdrop_set_installed_schema_version($module, $version)
{
    BdupdateBareSite::current()->setSchemaVersion($module, $version);
}

/** @return array<int, string>|false numbers of the module's update functions, ascending */
function backdrop_get_schema_versions($module)
{
    $numbers = array();
    foreach (get_defined_functions()['user'] as $function) {
        if (preg_match('/^(.+)_update_(\d+)$/', $function, $matches) && $matches[1] === $module) {
            $numbers[] = $matches[2];
        }
    }
    sort($numbers, SORT_NUMERIC);
    return $numbers ? $numbers : false;
}

/** @return bool */
function update_already_performed($module, $number)
{
    return $number <= backdrop_get_installed_schema_version($module);
}

/**
 * A static variable by name, as Backdrop has them.
 *
 * @return mixed
 */
function &backdrop_static($name, $default_value = null, $reset = false)
{
    static $values = array();
    static $defaults = array();
    if ($name === null) {
        foreach ($defaults as $key => $default) {
            $values[$key] = $default;
        }
        return $values;
    }
    if (!array_key_exists($name, $values)) {
        if ($reset) {
            return $values;
        }
        $values[$name] = $default_value;
        $defaults[$name] = $default_value;
    } elseif ($reset) {
        $values[$name] = $defaults[$name];
    }
    return $values[$name];
}

function backdrop_static_reset($name = null)
{
    backdrop_static($name, null, true);
}

/**
 * Inserts a record, or updates it where the fields of its key are given. Fields that the schema marks `serialize` are serialised.
 *
 * @param string $table
 * @param array|object $record
 *   Gets the serial number.
 * @param string|array $primary_keys
 *
 * @return int|false
 *   SAVED_NEW, SAVED_UPDATED; FALSE where no installed module declares the table.
 */
function backdrop_write_record($table, &$record, $primary_keys = array())
{
    $schema = backdrop_get_schema($table);
    return $schema ? BdupdateBareRecord::write($table, $schema, $record, (array) $primary_keys) : false;
}

/**
 * What backdrop_write_record() does.
 */
class BdupdateBareRecord
{
    /**
     * @param array|object $record
     * @param array<int, string> $keys
     *
     * @return int
     */
    public static function write($table, array $schema, &$record, array $keys)
    {
        $values = (array) $record;
        $serial = null;
        $fields = array();
        foreach ($schema['fields'] as $field => $spec) {
            $serial = $spec['type'] === 'serial' ? $field : $serial;
            $unset = !array_key_exists($field, $values) || ($spec['type'] === 'serial' && empty($values[$field]));
            if (!$unset && !in_array($field, $keys, true)) {
                $fields[$field] = self::cast($values[$field], $spec);
            }
        }
        if ($keys) {
            $query = db_update($table)->fields($fields);
            foreach ($keys as $key) {
                $query->condition($key, $values[$key]);
            }
            $query->execute();
            return SAVED_UPDATED;
        }
        $defaults = $fields ? array() : array_keys($schema['fields']);
        $id = db_insert($table)->fields($fields)->useDefaults($defaults)->execute();
        $values += array_map(function ($spec) {
            return $spec['default'];
        }, array_filter($schema['fields'], function ($spec) {
            return isset($spec['default']);
        }));
        if ($serial !== null && !isset($fields[$serial])) {
            $values[$serial] = $id;
        }
        if (is_object($record)) {
            foreach ($values as $field => $value) {
                $record->$field = $value;
            }
        } else {
            $record = $values;
        }
        return SAVED_NEW;
    }

    /**
     * @param mixed $value
     *
     * @return mixed
     */
    private static function cast($value, array $spec)
    {
        if (!empty($spec['serialize'])) {
            return serialize($value);
        }
        if ($value === null && empty($spec['not null'])) {
            return null;
        }
        if ($spec['type'] === 'int' || $spec['type'] === 'serial') {
            return (int) $value;
        }
        return $spec['type'] === 'float' ? (float) $value : (string) $value;
    }
}
