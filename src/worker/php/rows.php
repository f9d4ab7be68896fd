<?php

/**
 * Counts the rows that an update writes, by table, as the driver tells it, and notes the tables whose definition it changes:
 * statements of the site's database layer only.
 */
final class BdupdateRows
{
    /** More tables than people want to read of. */
    const MOST_TABLES = 200;

    const PATTERN = '~^\s*(INSERT|REPLACE|UPDATE|DELETE)(?:\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|QUICK|IGNORE|OR\s+\w+))*\s+(?:INTO\s+|FROM\s+)?[`"]?([\w$.-]+)~i';

    /** One table, or a table and its new name. */
    const DEFINITION = '~^\s*(?:CREATE|ALTER|DROP)\s+TABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?[`"]?([\w$]+)[`"]?(?=\s|\(|;|$)(?!\s*,)(?:\s+RENAME\s+(?:TO\s+)?[`"]?([\w$]+)[`"]?\s*$)?~i';

    /** @var array<string, array{int, int, int}> Rows inserted, updated, deleted. */
    private $tables = array();

    /** @var array<string, true>|null Names of tables; NULL: not all are known. */
    private $altered = array();

    /** @var string A table, or part of other words. */
    private $watched = 'system';

    /** @var bool */
    private $touched = false;

    public function reset()
    {
        $this->tables = array();
        $this->altered = array();
        $this->touched = false;
    }

    /**
     * @param string $table
     *   As SQL names it, quoted or not.
     */
    public function watch($table)
    {
        $names = explode('.', $table);
        $this->watched = trim((string) end($names), '`"');
    }

    /**
     * @return bool
     *   Something may have been written to the watched table since reset().
     */
    public function touched()
    {
        return $this->touched;
    }

    /**
     * @return string[]|null
     *   Tables whose definition was changed; NULL: there may be others.
     */
    public function altered()
    {
        return $this->altered ? array_map('strval', array_keys($this->altered)) : null;
    }

    /** @param string $sql */
    private function noteDefinition($sql)
    {
        if ($this->altered === null || !preg_match('~\b(?:CREATE|ALTER|DROP|RENAME)\b~i', $sql)) {
            return;
        }
        if (!preg_match(self::DEFINITION, $sql, $match) || (!isset($match[2]) && preg_match('~\bRENAME\s+(?:TO|AS)\b~i', $sql))) {
            $this->altered = null;
            return;
        }
        foreach (array_slice($match, 1) as $table) {
            $this->altered[$table] = true;
        }
    }

    public function count(PDOStatement $statement)
    {
        $sql = $statement->queryString;
        // Nearly all statements read: one letter tells.
        $first = isset($sql[0]) ? $sql[0] : '';
        if ($first === 'S' || $first === 's') {
            return;
        }
        $writes = preg_match(self::PATTERN, $sql, $match) === 1;
        $this->touched = $this->touched || !$writes || strpos($sql, $this->watched) !== false;
        if (!$writes) {
            $this->noteDefinition($sql);
            return;
        }
        $table = $match[2];
        if (!isset($this->tables[$table])) {
            if (count($this->tables) >= self::MOST_TABLES) {
                return;
            }
            $this->tables[$table] = array(0, 0, 0);
        }
        $columns = array('I' => 0, 'R' => 0, 'U' => 1, 'D' => 2);
        $this->tables[$table][$columns[strtoupper($match[1][0])]] += $statement->rowCount();
    }

    /**
     * @return array<int, array{string, int, int, int}>
     */
    public function report()
    {
        $list = array();
        foreach ($this->tables as $table => $rows) {
            if (array_sum($rows) > 0) {
                $list[] = array((string) $table, $rows[0], $rows[1], $rows[2]);
            }
        }
        return $list;
    }
}
