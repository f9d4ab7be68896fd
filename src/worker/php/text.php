<?php

/**
 * Values, messages and exceptions as text for people.
 */
final class BdupdateText
{
    /**
     * Turns HTML into text: tags go, entities are decoded, blocks and line breaks become lines.
     *
     * @param string $html
     *
     * @return string
     */
    public static function fromHtml($html)
    {
        if (strpbrk($html, '<&') === false) {
            return trim($html);
        }
        $text = preg_replace('~<(script|style)\b.*?</\1\s*>|<!--.*?-->~is', '', $html);
        $text = preg_replace('~<li\b[^>]*>~i', "\n- ", (string) $text);
        $text = preg_replace('~<(?:br|/?(?:p|div|ul|ol|li|h[1-6]|table|tr|pre|blockquote|dl|dt|dd))\b[^>]*>~i', "\n", (string) $text);
        $text = preg_replace('~</?[a-z][^>]*>~i', '', (string) $text);
        $text = html_entity_decode((string) $text, ENT_QUOTES | ENT_HTML5, 'UTF-8');
        $text = preg_replace('~[ \t]*\n\s*~', "\n", $text);
        return trim((string) $text);
    }

    /**
     * What core would show for the return value of an update.
     *
     * @param mixed $value
     *
     * @return string
     */
    public static function fromResult($value)
    {
        if (empty($value)) {
            return '';
        }
        if (is_array($value)) {
            return 'Array';
        }
        if (is_object($value) && !method_exists($value, '__toString')) {
            return get_class($value);
        }
        return self::fromHtml((string) $value);
    }

    /**
     * Class, message, file and line; for a database error the statement, but never its arguments.
     *
     * @param Throwable $error
     * @param string $root
     *   Taken off the front of file names.
     *
     * @return string
     */
    public static function fromThrowable($error, $root)
    {
        $text = get_class($error) . ': ' . self::fromHtml($error->getMessage());
        if ($error instanceof PDOException && isset($error->errorInfo['query_string']) && is_string($error->errorInfo['query_string'])) {
            $text .= ': ' . substr((string) preg_replace('/\s+/', ' ', $error->errorInfo['query_string']), 0, 500);
        }
        $place = self::place($error->getFile(), $error->getLine(), $root);
        $text .= $place === '' ? '' : ' (' . $place . ')';
        $previous = $error->getPrevious();
        return $previous === null ? $text : $text . '; before that: ' . self::fromThrowable($previous, $root);
    }

    /**
     * What error_get_last() tells where it was the end of PHP; warnings that were silenced stand there too.
     *
     * @param array|null $last
     * @param string $root
     *
     * @return string|null
     */
    public static function fromFatal($last, $root)
    {
        $types = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
        if ($last === null || ($last['type'] & $types) === 0) {
            return null;
        }
        return $last['message'] . ' (' . self::place($last['file'], $last['line'], $root) . ')';
    }

    /**
     * "file:line function", innermost first, without arguments and without the worker's own frames.
     *
     * @param Throwable $error
     * @param string $root
     *
     * @return array
     */
    public static function trace($error, $root)
    {
        $lines = array();
        foreach ($error->getTrace() as $frame) {
            $function = (isset($frame['class']) ? $frame['class'] . '::' : '') . $frame['function'];
            if (strpos($function, 'BdupdateWorker::') === 0) {
                break;
            }
            if (strpos($function, 'Bdupdate') === 0) {
                continue;
            }
            $place = self::place(isset($frame['file']) ? $frame['file'] : '', isset($frame['line']) ? $frame['line'] : 0, $root);
            $lines[] = ltrim($place . ' ' . $function . '()');
            if (count($lines) === 50) {
                break;
            }
        }
        return $lines;
    }

    /**
     * The kind of message that a log entry is: only what went wrong is shown to everybody.
     *
     * @param int $severity
     *   Of watchdog(): 0 (emergency) to 7 (debug); Backdrop has an 8 for deprecated functions.
     *
     * @return string
     */
    public static function logKind($severity)
    {
        return $severity <= 3 ? 'watchdog error' : ($severity == 4 ? 'watchdog warning' : 'watchdog');
    }

    /**
     * "core/includes/x.inc:12".
     *
     * @param string $file
     * @param int $line
     * @param string $root
     *
     * @return string
     */
    public static function place($file, $line, $root)
    {
        if ($file === '') {
            return '[internal]';
        }
        if (strpos($file, 'Command line code') === 0) {
            // The worker itself.
            return '';
        }
        if ($root !== '' && strpos($file, $root . '/') === 0) {
            $file = substr($file, strlen($root) + 1);
        }
        return $file . ':' . $line;
    }
}
