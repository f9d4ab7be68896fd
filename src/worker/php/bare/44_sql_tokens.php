<?php

/**
 * Reads the SQL that SQLite keeps of a table or an index. Words, numbers, strings, quoted names and single characters;
 * comments and space are dropped, so tokens joined by a space are the same statement.
 */
class BdupdateBareSqlTokens
{
    /** @var array<int, string> */
    private $tokens;

    /** @var int */
    private $position = 0;

    /** @param string $sql */
    public function __construct($sql)
    {
        $pattern = '/--[^\n]*|\/\*.*?(?:\*\/|$)|\s+|(\'(?:[^\']|\'\')*\'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]'
            . '|[xX]\'[0-9a-fA-F]*\'|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*|->>|\|\||<<|>>|[<>!=]=|<>|->|.)/s';
        preg_match_all($pattern, $sql, $matches);
        $this->tokens = array_values(array_filter($matches[1], function ($token) {
            return $token !== '';
        }));
    }

    /** @return string|null the token that next() would give */
    public function peek($ahead = 0)
    {
        $at = $this->position + $ahead;
        return isset($this->tokens[$at]) ? $this->tokens[$at] : null;
    }

    /** @return string "" at the end */
    public function next()
    {
        return isset($this->tokens[$this->position]) ? $this->tokens[$this->position++] : '';
    }

    /** Steps over these keywords when they come next, all of them. */
    public function skip(...$words)
    {
        foreach ($words as $index => $word) {
            $token = $this->peek($index);
            if ($token === null || strcasecmp($token, $word) !== 0) {
                return false;
            }
        }
        $this->position += count($words);
        return true;
    }

    /** @return string a name, without its quotes */
    public function name()
    {
        return self::unquote($this->next());
    }

    /**
     * What stands in parentheses that open here.
     *
     * @return array<int, string> tokens, without the parentheses
     */
    public function group()
    {
        $inside = array();
        $depth = 0;
        do {
            $token = $this->next();
            $depth += $token === '(' ? 1 : ($token === ')' ? -1 : 0);
            $inside[] = $token;
        } while ($depth > 0 && $this->peek() !== null);
        return array_slice($inside, 1, -1);
    }

    /** @return array<int, string> all tokens that are left */
    public function rest()
    {
        $rest = array_slice($this->tokens, $this->position);
        $this->position = count($this->tokens);
        return $rest;
    }

    /**
     * Cuts tokens at the commas that stand in no parentheses.
     *
     * @param array<int, string> $tokens
     *
     * @return array<int, array<int, string>>
     */
    public static function split(array $tokens)
    {
        $parts = array(array());
        $depth = 0;
        foreach ($tokens as $token) {
            $depth += $token === '(' ? 1 : ($token === ')' ? -1 : 0);
            if ($token === ',' && $depth === 0) {
                $parts[] = array();
            } else {
                $parts[count($parts) - 1][] = $token;
            }
        }
        return $parts;
    }

    /** @return string */
    public static function unquote($token)
    {
        $first = substr($token, 0, 1);
        if ($first === '[') {
            return substr($token, 1, -1);
        }
        if ($first === '"' || $first === '`' || $first === "'") {
            return str_replace($first . $first, $first, substr($token, 1, -1));
        }
        return $token;
    }

    /** @return string */
    public static function quote($name)
    {
        return '"' . str_replace('"', '""', $name) . '"';
    }

    /**
     * @param array<int, string> $tokens
     *
     * @return string
     */
    public static function join(array $tokens)
    {
        return str_replace(array('( ', ' )', ' ,', ' . '), array('(', ')', ',', '.'), implode(' ', $tokens));
    }

    /**
     * Where an expression names a column of the table it belongs to. What follows REFERENCES is another table's.
     *
     * @param array<int, string> $tokens
     * @param string $table
     *
     * @return array<int, int> positions
     */
    private static function places(array $tokens, $column, $table)
    {
        $places = array();
        foreach ($tokens as $index => $token) {
            if (strcasecmp($token, 'REFERENCES') === 0) {
                $to = isset($tokens[$index + 1]) ? self::unquote($tokens[$index + 1]) : '';
                if (strcasecmp($to, $table) !== 0) {
                    break;
                }
            }
            if (substr($token, 0, 1) !== "'" && strcasecmp(self::unquote($token), $column) === 0) {
                $places[] = $index;
            }
        }
        return $places;
    }

    /**
     * @param array<int, string> $tokens
     *
     * @return bool
     */
    public static function mentions(array $tokens, $column, $table)
    {
        return self::places($tokens, $column, $table) !== array();
    }

    /**
     * @param array<int, string> $tokens
     *
     * @return array<int, string> with another name for a column
     */
    public static function renamed(array $tokens, $column, $new_name, $table)
    {
        foreach (self::places($tokens, $column, $table) as $index) {
            $tokens[$index] = self::quote($new_name);
        }
        return $tokens;
    }
}
