<?php

/**
 * Prints what a site holds, so that two of them can be compared: every table's definition and rows, every config file.
 *
 * php site_content.php DSN USER PASSWORD CONFIG_DIRECTORY [exact]
 *
 * Left out: rows of caches; state css_js_query_string, the time of a flush; on MySQL serial
 * ids, which a server does not give out again after a rollback. With "exact" the ids are there too: for a site that must be as it was.
 */

list(, $dsn, $user, $password, $config) = $argv;
$exact = isset($argv[5]) && $argv[5] === 'exact';
$mysql = strpos($dsn, 'mysql:') === 0;
$pdo = new PDO($dsn, $user, $password, array(PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_STRINGIFY_FETCHES => true));

function lines(array $rows)
{
    $lines = array();
    foreach ($rows as $row) {
        // Not json_encode() alone: values may be no UTF-8.
        $lines[] = json_encode(array_map(function ($value) {
            return $value === null ? null : (mb_check_encoding($value, 'UTF-8') ? $value : 'base64 ' . base64_encode($value));
        }, $row), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }
    sort($lines);
    return $lines;
}

$tables = array();
if ($mysql) {
    foreach ($pdo->query('SHOW TABLES')->fetchAll(PDO::FETCH_COLUMN) as $table) {
        $definition = $pdo->query("SHOW CREATE TABLE `$table`")->fetch(PDO::FETCH_NUM)[1];
        $tables[$table] = preg_replace('/ AUTO_INCREMENT=\d+/', '', $definition);
    }
} else {
    foreach ($pdo->query("SELECT tbl_name, group_concat(sql, ';') FROM (SELECT * FROM sqlite_master ORDER BY type DESC, name) GROUP BY tbl_name")->fetchAll(PDO::FETCH_NUM) as $row) {
        if (strpos($row[0], 'sqlite_') !== 0) {
            $tables[$row[0]] = $row[1];
        }
    }
}
ksort($tables);
foreach ($tables as $table => $definition) {
    echo "== table $table\n$definition\n";
    if (preg_match('/(^|_)cache(_|$)/', $table)) {
        continue;
    }
    $columns = array();
    if ($mysql) {
        foreach ($pdo->query("SHOW COLUMNS FROM `$table`")->fetchAll(PDO::FETCH_ASSOC) as $column) {
            if ($exact || strpos($column['Extra'], 'auto_increment') === false) {
                $columns[] = "`{$column['Field']}`";
            }
        }
    }
    $where = preg_match('/state$/', $table) ? " WHERE name <> 'css_js_query_string'" : '';
    $rows = $pdo->query('SELECT ' . ($columns ? implode(', ', $columns) : '*') . " FROM `$table`$where")->fetchAll(PDO::FETCH_NUM);
    echo implode("\n", lines($rows)), "\n";
}
foreach (scandir($config) as $name) {
    if (is_file("$config/$name")) {
        echo "== config $name ", substr(sprintf('%o', fileperms("$config/$name")), -4), "\n", file_get_contents("$config/$name"), "\n";
    }
}
