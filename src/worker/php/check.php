<?php

/**
 * What can be told before the site is opened: this PHP, its database driver, and files that it cannot parse.
 */
final class BdupdateCheck
{
    /**
     * @return array
     *   php; missing (an extension) or errors (rows of file, line, PHP's words).
     */
    public static function report(array $frame)
    {
        if (!extension_loaded($frame['driver'])) {
            return array('php' => PHP_VERSION, 'missing' => $frame['driver']);
        }
        $errors = array();
        foreach ($frame['files'] as $file) {
            $error = self::syntaxError($file);
            if ($error !== null) {
                $errors[] = array($file, $error->getLine(), $error->getMessage());
            }
        }
        return array('php' => PHP_VERSION, 'errors' => $errors);
    }

    /**
     * The parser alone: nothing of the file is compiled or run, so that what only the compiler refuses (a function declared
     * twice, a misplaced break) is not found here.
     *
     * @param string $file
     *
     * @return Throwable|null
     */
    private static function syntaxError($file)
    {
        $code = function_exists('token_get_all') && is_readable($file) ? file_get_contents($file) : false;
        if ($code === false) {
            return null;
        }
        try {
            // What it returns is of no use here, what it throws is.
            $tokens = token_get_all($code, TOKEN_PARSE);
            unset($tokens);
        } catch (Error $error) {
            return $error;
        }
        return null;
    }
}
