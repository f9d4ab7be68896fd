<?php

/**
 * Hears what goes to the site's log: the entries of a pass that is undone leave the log with it.
 */
final class BdupdateCoreLog
{
    const LIMIT = 1000;

    /** @var array<int, array{0: string, 1: string}> kind and text */
    private static $entries = array();

    /**
     * Becomes one of the implementations of hook_watchdog().
     *
     * Only in this process's memory: the list is written to the cache at the end of a page, and there is none here. To be called
     * again before each update, for whatever enables a module forgets the list.
     *
     * @param string $static
     *   'backdrop_static' or 'drupal_static'.
     */
    public static function listen($static)
    {
        /** @var callable-string $static */
        bdupdate_declare_log_hook();
        // Makes core find the other implementations first.
        if (function_exists('module_implements') && !in_array('bdupdate', module_implements('watchdog'), true)) {
            $implementations = &$static('module_implements', array());
            $implementations['watchdog']['bdupdate'] = false;
        }
    }

    /**
     * @param array $entry
     *   As hook_watchdog() gets it.
     */
    public static function hear(array $entry)
    {
        if (count(self::$entries) >= self::LIMIT) {
            return;
        }
        $text = (string) $entry['message'];
        if (is_array($entry['variables']) && $entry['variables'] && function_exists('format_string')) {
            $text = format_string($text, array_filter($entry['variables'], 'is_scalar'));
        }
        self::$entries[] = array(BdupdateText::logKind((int) $entry['severity']), $entry['type'] . ': ' . $text);
    }

    /**
     * @return array<int, array{0: string, 1: string}>
     *   What was heard since the last call.
     */
    public static function take()
    {
        $entries = self::$entries;
        self::$entries = array();
        return $entries;
    }
}

/**
 * Declares the hook when it is wanted: this code is evaluated before core is there.
 */
function bdupdate_declare_log_hook()
{
    if (!function_exists('bdupdate_watchdog')) {
        function bdupdate_watchdog(array $entry)
        {
            BdupdateCoreLog::hear($entry);
        }
    }
}
