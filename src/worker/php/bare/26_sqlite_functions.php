<?php

/**
 * SQL functions that updates written for MySQL count on. NULL in, NULL out, as there.
 */
class BdupdateBareSqliteFunctions
{
    /**
     * @param PDO $pdo
     *   A connection to SQLite.
     */
    public static function add($pdo)
    {
        // Pdo\Sqlite (PHP 8.4 and later) has its own name for it.
        $method = method_exists($pdo, 'createFunction') ? 'createFunction' : 'sqliteCreateFunction';
        $add = function ($name, $function, $arguments) use ($pdo, $method) {
            $pdo->$method($name, $function, $arguments);
        };
        foreach (self::functions() as $name => $function) {
            $add($name, self::nullIn($function), -1);
        }
        $add('if', function ($condition, $then, $else) {
            return $condition ? $then : $else;
        }, 3);
        $add('concat_ws', function ($separator, ...$parts) {
            return $separator === null ? null : implode($separator, array_filter($parts, function ($part) {
                return $part !== null;
            }));
        }, -1);
        $add('like', self::nullIn(array(__CLASS__, 'like')), 2);
        $add('regexp', self::nullIn(function ($pattern, $text) {
            return preg_match('/' . str_replace('/', '\/', $pattern) . '/iu', $text) ? 1 : 0;
        }), 2);
    }

    /**
     * LIKE with MySQL's default escape character, ignoring case as its general collations do.
     *
     * @param string $pattern
     * @param string $text
     *
     * @return int
     */
    public static function like($pattern, $text)
    {
        $regex = '';
        $length = strlen($pattern);
        for ($index = 0; $index < $length; $index++) {
            $character = $pattern[$index];
            if ($character === '\\' && $index + 1 < $length) {
                $regex .= preg_quote($pattern[++$index], '/');
            } elseif ($character === '%') {
                $regex .= '.*';
            } elseif ($character === '_') {
                $regex .= '.';
            } else {
                $regex .= preg_quote($character, '/');
            }
        }
        $found = preg_match('/^' . $regex . '$/Disu', (string) $text);
        if ($found === false) {
            $found = preg_match('/^' . $regex . '$/Dis', (string) $text);
        }
        return (int) $found;
    }

    /**
     * @param callable $function
     *
     * @return Closure
     */
    private static function nullIn($function)
    {
        return function (...$args) use ($function) {
            return in_array(null, $args, true) ? null : call_user_func_array($function, $args);
        };
    }

    /** @return array<string, callable> */
    private static function functions()
    {
        $ceil = function ($number) {
            return (int) ceil((float) $number);
        };
        return array(
            'concat' => function (...$parts) {
                return implode('', $parts);
            },
            'substring' => function ($text, $from, $count = null) {
                return self::substring((string) $text, (int) $from, $count === null ? null : (int) $count);
            },
            'substring_index' => function ($text, $separator, $count) {
                $parts = explode($separator, (string) $text);
                $kept = $count >= 0 ? array_slice($parts, 0, (int) $count) : array_slice($parts, (int) $count);
                return implode($separator, $kept);
            },
            'locate' => function ($part, $text) {
                $at = stripos((string) $text, (string) $part);
                return $at === false ? 0 : 1 + (int) preg_match_all('/./su', substr((string) $text, 0, $at));
            },
            'find_in_set' => function ($item, $list) {
                $at = array_search((string) $item, explode(',', (string) $list), true);
                return $at === false ? 0 : $at + 1;
            },
            'length' => function ($text) {
                return strlen((string) $text);
            },
            'char_length' => function ($text) {
                return (int) preg_match_all('/./su', (string) $text);
            },
            'floor' => function ($number) {
                return (int) floor((float) $number);
            },
            'ceil' => $ceil,
            'ceiling' => $ceil,
            'md5' => 'md5', 'sha1' => 'sha1', 'greatest' => 'max', 'least' => 'min', 'pow' => 'pow', 'power' => 'pow',
            'mod' => function ($value, $divisor) {
                return $divisor == 0 ? null : (is_int($value) && is_int($divisor) ? $value % $divisor : fmod($value, $divisor));
            },
            'rand' => function () {
                return mt_rand() / (mt_getrandmax() + 1);
            },
            'now' => function () {
                return date('Y-m-d H:i:s');
            },
            'unix_timestamp' => function ($text = null) {
                return $text === null ? time() : (int) strtotime($text);
            },
            'from_unixtime' => function ($timestamp) {
                return date('Y-m-d H:i:s', (int) $timestamp);
            },
        );
    }

    /**
     * SQL's SUBSTRING: counts characters from 1, and from the end where negative.
     *
     * @param string $text
     * @param int $from
     * @param int|null $count
     *
     * @return string
     */
    private static function substring($text, $from, $count)
    {
        preg_match_all('/./su', $text, $matches);
        if ($from === 0 || ($count !== null && $count <= 0)) {
            return '';
        }
        return implode('', array_slice($matches[0], $from > 0 ? $from - 1 : $from, $count));
    }
}
