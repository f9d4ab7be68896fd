<?php

/**
 * The tables that enabled modules declare.
 */
final class BdupdateSchema
{
    /**
     * What hook_schema() of the installed modules says, and hook_schema_alter() of the enabled ones, of a booted site: their .install
     * files are loaded. Updates of disabled modules run, too, so their tables count.
     *
     * @return array
     *   'tables': name => array('module', 'fields' => name => see field(), 'primary' => columns, 'unique' and 'indexes' => name =>
     *   columns); 'errors' and 'errors_of_disabled': module => why its hook gave nothing.
     */
    public static function declared(BdupdateSite $site)
    {
        $installed = $site->hookOrder();
        $enabled = array_values(array_intersect($installed, $site->enabledModules()));
        $disabled = array_values(array_diff($installed, $enabled));
        $schema = array();
        $errors = self::ask($enabled, $schema);
        foreach ($enabled as $module) {
            try {
                $alter = $module . '_schema_alter';
                if (function_exists($alter)) {
                    $alter($schema);
                }
            } catch (Throwable $error) {
                $errors[$module] = $error->getMessage();
            }
        }
        $others = array();
        $errors_of_disabled = self::ask($disabled, $others);
        return array(
            'tables' => array_map(array(__CLASS__, 'table'), $schema + $others),
            'errors' => $errors,
            'errors_of_disabled' => $errors_of_disabled,
        );
    }

    /**
     * @param array $modules
     * @param array $schema
     *   What they declare is added.
     *
     * @return array
     *   Module => why its hook gave nothing.
     */
    private static function ask(array $modules, array &$schema)
    {
        $errors = array();
        foreach ($modules as $module) {
            try {
                $tables = function_exists($module . '_schema') ? call_user_func($module . '_schema') : array();
                foreach (is_array($tables) ? $tables : array() as $name => $table) {
                    if (is_array($table)) {
                        $schema[$name] = array('module' => $module) + $table;
                    }
                }
            } catch (Throwable $error) {
                $errors[$module] = $error->getMessage();
            }
        }
        return $errors;
    }

    /**
     * @param mixed $table
     *
     * @return array
     */
    private static function table($table)
    {
        $part = function ($key) use ($table) {
            return is_array($table) && isset($table[$key]) && is_array($table[$key]) ? $table[$key] : array();
        };
        $fields = array();
        foreach ($part('fields') as $name => $field) {
            $fields[$name] = self::field(is_array($field) ? $field : array());
        }
        return array(
            'module' => is_array($table) && isset($table['module']) ? (string) $table['module'] : '',
            'fields' => $fields,
            'primary' => self::columns($part('primary key')),
            'unique' => array_map(array(__CLASS__, 'columns'), $part('unique keys')),
            'indexes' => array_map(array(__CLASS__, 'columns'), $part('indexes')),
        );
    }

    /**
     * @param array $field
     *
     * @return array
     *   Type, size, length, precision, scale, unsigned, not null, default, whether one database has a type of its own.
     */
    private static function field(array $field)
    {
        $word = function ($key, $otherwise) use ($field) {
            return isset($field[$key]) && is_scalar($field[$key]) ? (string) $field[$key] : $otherwise;
        };
        $number = function ($key) use ($field) {
            return isset($field[$key]) && is_numeric($field[$key]) ? (int) $field[$key] : null;
        };
        return array(
            $word('type', ''),
            $word('size', 'normal'),
            $number('length'),
            $number('precision'),
            $number('scale'),
            !empty($field['unsigned']),
            !empty($field['not null']),
            $word('default', null),
            (bool) preg_grep('/^[a-z]+_type$/', array_map('strval', array_keys($field))),
        );
    }

    /**
     * @param mixed $columns
     *   Names, or array(name, length).
     *
     * @return array
     */
    private static function columns($columns)
    {
        $names = array();
        foreach (is_array($columns) ? $columns : array() as $column) {
            $name = is_array($column) ? reset($column) : $column;
            if (is_scalar($name)) {
                $names[] = (string) $name;
            }
        }
        return $names;
    }
}
