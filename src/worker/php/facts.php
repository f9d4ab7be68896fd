<?php

/**
 * What loaded code tells about updates; the same for every kind of site.
 */
final class BdupdateFacts
{
    /**
     * What the planner needs to know of a booted site.
     *
     * @return array
     */
    public static function report(BdupdateSite $site)
    {
        $functions = self::updateFunctions();
        $states = $site->codeStates();
        $modules = array();
        foreach ($site->moduleRows() as $row) {
            $name = $row['name'];
            if ($row['schema_version'] === -1) {
                continue;
            }
            $row['code'] = isset($states[$name]) ? $states[$name] : 'not_found';
            $row['last_removed'] = self::lastRemoved($name);
            $row['updates'] = isset($functions[$name]) ? $functions[$name] : array();
            $modules[] = $row;
        }
        return array(
            'modules' => $modules,
            'dependencies' => self::dependencies($site->hookOrder()),
            'merged' => $site->mergedModules(),
        );
    }

    /**
     * Functions that core would run as updates (backdrop_get_schema_versions()), in the order of their definition.
     *
     * @return array
     *   Module => list of array('module', 'number', 'function', 'description', 'file', 'line').
     */
    public static function updateFunctions()
    {
        $updates = array();
        $functions = get_defined_functions();
        foreach ((array) preg_grep('/_\d+$/', $functions['user']) as $name) {
            if (preg_match('/^(.+)_update_(\d+)$/', $name, $parts) !== 1) {
                continue;
            }
            $function = new ReflectionFunction($name);
            $updates[$parts[1]][] = array(
                'module' => $parts[1],
                'number' => $parts[2],
                'function' => $function->getName(),
                'description' => self::description((string) $function->getDocComment()),
                'file' => (string) $function->getFileName(),
                'line' => (int) $function->getStartLine(),
            );
        }
        return $updates;
    }

    /**
     * A doc comment without its markers, as update_get_update_list() strips them.
     *
     * Opening, end and leading stars are taken off in three passes over the whole text. White space after a star goes with it, line
     * ends included: the star of the line after an empty one stays.
     *
     * @param string $comment
     *
     * @return string
     */
    private static function description($comment)
    {
        foreach (array('/\*\*\s*', '\*/\s*$', '\*\s*') as $marker) {
            $comment = (string) preg_replace('#^\s*' . $marker . '#m', '', $comment);
        }
        return trim($comment);
    }

    /**
     * @param string $module
     *
     * @return int|null
     */
    public static function lastRemoved($module)
    {
        $function = $module . '_update_last_removed';
        if (!function_exists($function)) {
            return null;
        }
        $number = $function();
        return is_numeric($number) ? (int) $number : null;
    }

    /**
     * What the hook_update_dependencies() of these modules return, in their order.
     *
     * @return array
     *   A list of array(module, number, other module, other number).
     */
    public static function dependencies(array $modules)
    {
        $list = array();
        foreach ($modules as $hook) {
            $function = $hook . '_update_dependencies';
            $declared = function_exists($function) ? $function() : null;
            foreach (is_array($declared) ? $declared : array() as $module => $numbers) {
                foreach (is_array($numbers) ? $numbers : array() as $number => $others) {
                    foreach (is_array($others) ? $others : array() as $other => $otherNumber) {
                        $list[] = array((string) $module, (string) $number, (string) $other, (string) $otherNumber);
                    }
                }
            }
        }
        return $list;
    }
}
