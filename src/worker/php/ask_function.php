<?php

/**
 * Loads one PHP file and calls one of its functions without arguments: for hooks that static reading does not understand.
 */
final class BdupdateAskFunction
{
    /**
     * @param string $docroot
     * @param string $file
     * @param string $function
     *
     * @return mixed
     */
    public static function ask($docroot, $file, $function)
    {
        if (!@chdir($docroot)) {
            throw new RuntimeException('this PHP does not see the docroot ' . $docroot);
        }
        if (!defined('BACKDROP_ROOT')) {
            define('BACKDROP_ROOT', $docroot);
            define('DRUPAL_ROOT', $docroot);
        }
        if (!is_file($file)) {
            throw new RuntimeException('this PHP does not see ' . $file);
        }
        require_once $file;
        if (!function_exists($function)) {
            throw new RuntimeException($file . ' does not define ' . $function . '()');
        }
        return $function();
    }
}
