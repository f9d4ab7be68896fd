<?php

/**
 * Text and messages. Nothing is translated: t() fills in the arguments.
 */

/** @return string */
function check_plain($text)
{
    return htmlspecialchars((string) $text, ENT_QUOTES, 'UTF-8');
}

/** @return string */
function backdrop_placeholder($text)
{
    return '<em class="placeholder">' . check_plain($text) . '</em>';
}

/**
 * @param string $string
 * @param array<string, mixed> $args
 *   !name as it is, @name escaped, anything else escaped and emphasised.
 *
 * @return string
 */
function format_string($string, array $args = array())
{
    foreach ($args as $key => $value) {
        if (strpos($key, '@') === 0) {
            $args[$key] = check_plain($value);
        } elseif (strpos($key, '!') !== 0) {
            $args[$key] = backdrop_placeholder($value);
        }
    }
    return strtr($string, $args);
}

/** @return string */
function t($string, array $args = array(), array $options = array())
{
    return $args ? format_string($string, $args) : $string;
}

/** @return string */
function st($string, array $args = array(), array $options = array())
{
    return t($string, $args, $options);
}

/** @return string the function to translate with */
function get_t()
{
    return 't';
}

/** @return string */
function format_plural($count, $singular, $plural, array $args = array(), array $options = array())
{
    return t($count == 1 ? $singular : $plural, array('@count' => $count) + $args, $options);
}

/** @return array<string, array<int, string>>|null all messages by kind */
function backdrop_set_message($message = null, $type = 'status', $repeat = true)
{
    return BdupdateBareMessages::set($message, $type, $repeat);
}

/** @return array<string, array<int, string>> */
function backdrop_get_messages($type = null, $clear_queue = true)
{
    return BdupdateBareMessages::get($type, $clear_queue);
}

/** There is no log on a bare site: what goes there is shown with the update. */
function watchdog($type, $message, ?array $variables = array(), $severity = WATCHDOG_NOTICE, $link = null)
{
    BdupdateBareMessages::log(BdupdateText::logKind($severity), $type, $variables ? format_string($message, $variables) : $message);
}

function watchdog_exception($type, $exception, $message = null, array $variables = array(), $severity = WATCHDOG_ERROR)
{
    $text = get_class($exception) . ': ' . $exception->getMessage();
    watchdog($type, $message === null ? check_plain($text) : $message, $variables, $severity);
}

/** @return string|false */
function backdrop_json_encode($var, $pretty_print = false)
{
    $pretty = JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
    return json_encode($var, $pretty_print ? $pretty : JSON_HEX_TAG | JSON_HEX_APOS | JSON_HEX_AMP | JSON_HEX_QUOT);
}

/** @return mixed */
function backdrop_json_decode($var)
{
    return json_decode($var, true);
}

/** @return array */
function backdrop_map_assoc(array $array, $function = null)
{
    $map = $array ? array_combine($array, $array) : array();
    return is_callable($function) && $map ? array_map($function, $map) : ($map ?: array());
}

/** @return int characters, not bytes */
function backdrop_strlen($text)
{
    return (int) preg_match_all('/./su', (string) $text);
}

/** @return string */
function backdrop_substr($text, $start, $length = null)
{
    preg_match_all('/./su', (string) $text, $matches);
    return implode('', array_slice($matches[0], $start, $length));
}

/** @return string */
function backdrop_strtolower($text)
{
    return function_exists('mb_strtolower') ? mb_strtolower((string) $text, 'UTF-8') : strtolower((string) $text);
}

/** @return string */
function backdrop_strtoupper($text)
{
    return function_exists('mb_strtoupper') ? mb_strtoupper((string) $text, 'UTF-8') : strtoupper((string) $text);
}

/** @return string */
function backdrop_ucfirst($text)
{
    return backdrop_strtoupper(backdrop_substr($text, 0, 1)) . backdrop_substr($text, 1);
}

/**
 * What updates say to people, in the order they said it.
 */
class BdupdateBareMessages
{
    /** @var array<int, array{0: string, 1: string}> kind and text */
    private static $list = array();

    /** @return array<string, array<int, string>>|null */
    public static function set($message, $type, $repeat)
    {
        $there = in_array(array($type, (string) $message), self::$list, true);
        if (($message || $message === '0' || $message === 0) && ($repeat || !$there)) {
            self::$list[] = array($type, (string) $message);
        }
        $all = self::get(null, false);
        return $all ? $all : null;
    }

    /** @return array<string, array<int, string>> */
    public static function get($type, $clear)
    {
        $found = array();
        $kept = array();
        foreach (self::$list as $item) {
            $wanted = strpos($item[0], 'watchdog') !== 0 && ($type === null || $item[0] === $type);
            if ($wanted) {
                $found[$item[0]][] = $item[1];
            }
            if (!$wanted || !$clear) {
                $kept[] = $item;
            }
        }
        self::$list = $kept;
        return $found;
    }

    public static function log($kind, $type, $text)
    {
        self::$list[] = array($kind, "$type: $text");
    }

    /** @return array<int, array{0: string, 1: string}> everything, and forgets it */
    public static function take()
    {
        $list = self::$list;
        self::$list = array();
        foreach ($list as $index => $item) {
            if (!in_array($item[0], array('status', 'warning', 'error'), true) && strpos($item[0], 'watchdog') !== 0) {
                $list[$index][0] = 'status';
            }
        }
        return $list;
    }
}
