<?php

/**
 * Looks for differences between two copies of a site: config files byte by byte, every table's definition, every row.
 *
 * Nothing is exempted but what differs between two runs of update.php itself; each exemption used is counted.
 */
final class ParityComparison
{
    /** @var list<string> */
    public array $differences = [];

    /** @var array<string, int> What was exempted, how often. */
    public array $exempted = [];

    public int $config_files = 0;
    public int $tables = 0;
    public int $rows = 0;

    private bool $from_drupal;

    public function __construct(bool $from_drupal)
    {
        $this->from_drupal = $from_drupal;
    }

    /**
     * @param list<string> $ours
     * @param list<string> $theirs
     */
    public function orders(array $ours, array $theirs): void
    {
        if ($ours === $theirs) {
            return;
        }
        foreach (array_diff($ours, $theirs) as $update) {
            $this->differences[] = "order: $update ran with bdupdate only";
        }
        foreach (array_diff($theirs, $ours) as $update) {
            $this->differences[] = "order: $update ran with update.php only";
        }
        foreach ($ours as $i => $update) {
            if ($update !== ($theirs[$i] ?? '')) {
                $this->differences[] = "order: number $i is $update, with update.php " . ($theirs[$i] ?? 'nothing');
                return;
            }
        }
    }

    /**
     * @param array<string, string> $ours Directories by name.
     * @param array<string, string> $theirs
     */
    public function config(array $ours, array $theirs): void
    {
        foreach (array_keys($ours + $theirs) as $name) {
            $files = [self::files($ours[$name] ?? ''), self::files($theirs[$name] ?? '')];
            foreach (array_keys($files[0] + $files[1]) as $file) {
                ++$this->config_files;
                $this->config_file("$name/$file", $files[0][$file] ?? null, $files[1][$file] ?? null);
            }
        }
    }

    private function config_file(string $name, ?string $ours, ?string $theirs): void
    {
        if ($ours === $theirs) {
            return;
        }
        // Core writes it only where it knows that it runs under Apache; bdupdate always does.
        if ($this->from_drupal && basename($name) === '.htaccess' && $theirs === null) {
            $this->exempt('.htaccess in a new config directory');
            return;
        }
        if ($ours === null || $theirs === null) {
            $this->differences[] = "config: $name is there after " . ($ours === null ? 'update.php' : 'bdupdate') . ' only';
            return;
        }
        // Updates from Drupal 7 place blocks in these layouts, under new random UUIDs.
        if ($this->from_drupal && preg_match('#/layout\.layout\.\w+\.json$#', $name)
            && self::without_new_uuids($ours, $theirs) === self::without_new_uuids($theirs, $ours)) {
            $this->exempt('random UUIDs in a layout');
            return;
        }
        $this->differences[] = "config: $name differs" . (json_decode($ours) === null ? ', and is not JSON' : '');
    }

    /** The text, UUIDs that the other one does not have numbered in order of appearance. */
    private static function without_new_uuids(string $text, string $other): string
    {
        $numbers = [];
        return (string) preg_replace_callback(
            '/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/',
            function (array $found) use (&$numbers, $other): string {
                if (strpos($other, $found[0]) !== false) {
                    return $found[0];
                }
                $numbers[$found[0]] = $numbers[$found[0]] ?? count($numbers);
                return "(UUID {$numbers[$found[0]]})";
            },
            $text
        );
    }

    public function databases(PDO $ours, PDO $theirs, string $prefix): void
    {
        $tables = [$this->definitions($ours, $prefix), $this->definitions($theirs, $prefix)];
        foreach (array_keys($tables[0] + $tables[1]) as $table) {
            $table = (string) $table;
            ++$this->tables;
            if (!isset($tables[0][$table], $tables[1][$table])) {
                $there = isset($tables[0][$table]) ? 'bdupdate' : 'update.php';
                $this->differences[] = "tables: $table is there after $there only";
                continue;
            }
            if ($tables[0][$table] !== $tables[1][$table]) {
                $this->differences[] = "tables: $table is defined as\n{$tables[0][$table]}\nand with update.php as\n{$tables[1][$table]}";
            }
            $name = substr($table, strlen($prefix));
            // Contents that depend on the moment and on who looked at the site; update.php takes a number for its batch.
            if (preg_match('/^(cache|cache_.*|watchdog|sessions|semaphore|sequences)$/', $name)) {
                $this->exempt('rows of ' . (strpos($name, 'cache') === 0 ? 'cache tables' : $name));
                continue;
            }
            $this->rows($name, self::contents($ours, $table), self::contents($theirs, $table));
        }
    }

    /** @return array<string, string> By table name, prefix included. */
    private function definitions(PDO $database, string $prefix): array
    {
        $out = [];
        foreach (parity_rows($database, 'SHOW TABLES', PDO::FETCH_COLUMN) as $table) {
            if (strpos($table, $prefix) !== 0) {
                $this->differences[] = "tables: $table has no prefix";
            }
            $definition = parity_rows($database, "SHOW CREATE TABLE `$table`", PDO::FETCH_NUM)[0][1];
            $out[$table] = (string) preg_replace('/ AUTO_INCREMENT=\d+/', '', $definition);
        }
        return $out;
    }

    /** @return array<string, array<string, string|null>> Rows by primary key, or by all that they hold. */
    private static function contents(PDO $database, string $table): array
    {
        $key = [];
        foreach (parity_rows($database, "SHOW KEYS FROM `$table` WHERE Key_name = 'PRIMARY'") as $part) {
            $key[$part['Column_name']] = true;
        }
        $out = [];
        foreach (parity_rows($database, "SELECT * FROM `$table`") as $row) {
            $name = self::shown($key ? array_intersect_key($row, $key) : $row);
            for ($unique = $name, $i = 2; isset($out[$unique]); ++$i) {
                $unique = "$name, for the {$i}th time";
            }
            $out[$unique] = $row;
        }
        return $out;
    }

    /**
     * @param array<string, array<string, string|null>> $ours
     * @param array<string, array<string, string|null>> $theirs
     */
    private function rows(string $table, array $ours, array $theirs): void
    {
        $this->rows += count($ours);
        foreach (array_keys($ours + $theirs) as $key) {
            if (!isset($ours[$key], $theirs[$key])) {
                $there = isset($ours[$key]) ? 'bdupdate' : 'update.php';
                $row = $ours[$key] ?? $theirs[$key];
                // Noted by the pages that update.php shows, for the scripts in them.
                if (($table === 'locales_source' && preg_match('/\.js$/', (string) $row['location']))
                    || ($table === 'state' && $row['name'] === 'locale_javascript_parsed')) {
                    $this->exempt('texts in scripts of pages shown');
                    continue;
                }
                $this->differences[] = "rows: $table: $key is there after $there only: " . self::shown($row);
                continue;
            }
            if ($ours[$key] === $theirs[$key]) {
                continue;
            }
            // The time of the cache flush, which browsers see behind the names of scripts and style sheets.
            $moment = in_array($table, ['state', 'variable'], true) && $ours[$key]['name'] === 'css_js_query_string';
            if ($moment) {
                $this->exempt('css_js_query_string');
                continue;
            }
            $columns = [];
            foreach ($ours[$key] as $column => $value) {
                $other = $theirs[$key][$column] ?? null;
                if ($value !== $other) {
                    $columns[] = $column . ' ' . self::shown([$value]) . ', with update.php ' . self::shown([$other]);
                }
            }
            $this->differences[] = "rows: $table: $key: " . ($columns ? implode('; ', $columns) : 'other columns');
        }
    }

    /** @param array<string|null> $values */
    private static function shown(array $values): string
    {
        $out = [];
        foreach ($values as $value) {
            $value = $value === null ? 'NULL' : (preg_match('//u', $value) ? $value : '0x' . bin2hex($value));
            $out[] = strlen($value) > 200 ? substr($value, 0, 120) . '… ' . md5($value) : $value;
        }
        return implode('|', $out);
    }

    /** @return array<string, string> Contents by path below the directory. */
    private static function files(string $directory): array
    {
        $out = [];
        if ($directory !== '' && is_dir($directory)) {
            $all = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($directory, FilesystemIterator::SKIP_DOTS));
            foreach ($all as $file) {
                $out[substr((string) $file, strlen($directory) + 1)] = (string) file_get_contents((string) $file);
            }
        }
        ksort($out);
        return $out;
    }

    private function exempt(string $what): void
    {
        $this->exempted[$what] = ($this->exempted[$what] ?? 0) + 1;
    }
}
