<?php

/**
 * The tables that enabled modules declare.
 */
final class BdupdateSchema
{
    /**
     * What hook_schema() and hook_schema_alter() of the enabled modules say, of a booted site: their .install files are loaded.
     *
     * @return array
     *   'tables': name => array('module', 'fields' => name => array(type, size, length, not null, other type), 'primary' => columns,
     *   'unique' and 'indexes' => name => columns); 'errors': module => why its hook gave nothing.
     */
    public static function declared(BdupdateSite $site)
    {
        $modules = array_values(array_intersect($site->hookOrder(), $site->enabledModules()));
        $errors = array();
        $schema = array();
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
        foreach ($modules as $module) {
            try {
                $alter = $module . '_schema_alter';
                if (function_exists($alter)) {
                    $alter($schema);
                }
            } catch (Throwable $error) {
                $errors[$module] = $error->getMessage();
            }
        }
        return array('tables' => array_map(array(__CLASS__, 'table'), $schema), 'errors' => $errors);
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
            $field = is_array($field) ? $field : array();
            $fields[$name] = array(
                isset($field['type']) ? (string) $field['type'] : '',
                isset($field['size']) ? (string) $field['size'] : 'normal',
                isset($field['length']) ? (int) $field['length'] : 0,
                !empty($field['not null']),
                (bool) preg_grep('/^[a-z]+_type$/', array_map('strval', array_keys($field))),
            );
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
     * @param mixed $columns
     *   Names, or array(name, length).
     *
     * @return array
     */
    private static function columns($columns)
    {
        $names = array();
        foreach (is_array($columns) ? $columns : array() as $column) {
            $names[] = is_array($column) ? (string) reset($column) : (string) $column;
        }
        return $names;
    }
}
