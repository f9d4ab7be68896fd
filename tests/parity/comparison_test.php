<?php

/**
 * Does the comparison find a difference? Each kind alone, on two small databases and config directories; needs MariaDB's server, no tree.
 */
foreach (['shell', 'database_server', 'compare'] as $part) {
    require __DIR__ . "/$part.php";
}

/**
 * Two equal sites, one of which is changed.
 */
final class ParityComparisonTest
{
    private const TABLES = [
        'CREATE TABLE p_system (name VARCHAR(50) PRIMARY KEY, schema_version INT, info BLOB)',
        "INSERT INTO p_system VALUES ('system', 1105, 'a:0:{}'), ('node', 1000, NULL)",
        'CREATE TABLE p_state (name VARCHAR(50) PRIMARY KEY, value LONGBLOB)',
        "INSERT INTO p_state VALUES ('css_js_query_string', 's:6:\"q1w2e3\";'), ('maintenance_mode', 'b:0;')",
        'CREATE TABLE p_history (uid INT, nid INT, KEY uid (uid))',
        'INSERT INTO p_history VALUES (1, 2), (1, 2), (1, 3)',
        'CREATE TABLE p_cache_page (cid INT PRIMARY KEY)',
        'CREATE TABLE p_sequences (value INT PRIMARY KEY AUTO_INCREMENT)',
        'CREATE TABLE p_locales_source (lid INT PRIMARY KEY, location VARCHAR(50))',
    ];

    private const UUIDS = '{"a":"11111111-2222-3333-4444-%s","b":"11111111-2222-3333-4444-%s"}';

    private ParityDatabaseServer $server;
    private PDO $pdo;
    private string $directory;
    private int $failed = 0;

    public function __construct(ParityDatabaseServer $server, string $directory)
    {
        $this->server = $server;
        $this->pdo = $server->connection();
        $this->directory = $directory;
    }

    public function run(): int
    {
        $this->expect('', false, '', '');
        foreach ([
            "UPDATE p_state SET value = 'b:1;' WHERE name = 'maintenance_mode'" =>
                'rows: state: maintenance_mode: value b:0;, with update.php b:1;',
            "UPDATE p_system SET schema_version = 1104 WHERE name = 'system'" => 'rows: system: system: schema_version 1105',
            "UPDATE p_system SET info = '' WHERE name = 'node'" => 'rows: system: node: info NULL',
            "UPDATE p_system SET info = 'a:0:{} ' WHERE name = 'system'" => 'rows: system: system: info',
            "DELETE FROM p_system WHERE name = 'node'" => 'rows: system: node is there after bdupdate only',
            'DELETE FROM p_history WHERE nid = 2 LIMIT 1' => 'rows: history: 1|2, for the 2th time',
            'ALTER TABLE p_history DROP KEY uid' => 'tables: p_history is defined as',
            'ALTER TABLE p_cache_page MODIFY cid BIGINT' => 'tables: p_cache_page is defined as',
            'CREATE TABLE p_more (id INT)' => 'tables: p_more is there after update.php only',
            "INSERT INTO p_locales_source VALUES (1, 'core/modules/node')" => 'rows: locales_source: 1 is there',
            'INSERT INTO p_cache_page VALUES (1)' => '',
            'INSERT INTO p_sequences VALUES (8)' => '',
            "UPDATE p_state SET value = 's:6:\"zzzzzz\";' WHERE name = 'css_js_query_string'" => '',
            "INSERT INTO p_locales_source VALUES (1, 'core/misc/tabledrag.js')" => '',
        ] as $sql => $finding) {
            $this->expect($finding, false, $sql, '');
        }
        $layout = 'active/layout.layout.default.json';
        $other_uuid = sprintf(self::UUIDS, 'aaaaaaaaaaaa', 'cccccccccccc');
        foreach ([
            [false, 'active/a.json', sprintf(self::UUIDS, 'aaaaaaaaaaaa', 'bbbbbbbbbbbb') . "\n", 'config: active/a.json differs'],
            [false, 'staging/b.json', '{}', 'config: staging/b.json is there after update.php only'],
            [false, $layout, $other_uuid, "config: $layout differs"],
            // From Drupal 7 new UUIDs are random; where they stand is not.
            [true, $layout, $other_uuid, ''],
            [true, $layout, sprintf(self::UUIDS, 'cccccccccccc', 'cccccccccccc'), "config: $layout differs"],
            [true, 'active/a.json', $other_uuid, 'config: active/a.json differs'],
        ] as [$from_drupal, $file, $content, $finding]) {
            $this->expect($finding, $from_drupal, '', $file, $content);
        }
        $this->orders();
        echo $this->failed === 0 ? "each difference is found\n" : "$this->failed failed\n";
        return $this->failed === 0 ? 0 : 1;
    }

    /** One comparison; `$finding` begins the only difference that there is, '' is none. */
    private function expect(string $finding, bool $from_drupal, string $sql, string $file, string $content = ''): void
    {
        foreach (['ours', 'theirs'] as $side) {
            $this->pdo->exec("DROP DATABASE IF EXISTS parity_$side; CREATE DATABASE parity_$side; USE parity_$side; "
                . implode('; ', self::TABLES));
            $directory = "$this->directory/$side";
            parity_must_run('rm', ['rm', '-rf', $directory]);
            mkdir("$directory/active", 0755, true);
            mkdir("$directory/staging");
            file_put_contents("$directory/active/a.json", sprintf(self::UUIDS, 'aaaaaaaaaaaa', 'bbbbbbbbbbbb'));
            file_put_contents("$directory/active/layout.layout.default.json", sprintf(self::UUIDS, 'aaaaaaaaaaaa', 'bbbbbbbbbbbb'));
        }
        if ($sql !== '') {
            $this->pdo->exec("USE parity_theirs; $sql");
        }
        if ($file !== '') {
            file_put_contents("$this->directory/theirs/$file", $content);
        }
        $comparison = new ParityComparison($from_drupal);
        $directories = ['ours' => [], 'theirs' => []];
        foreach ($directories as $side => $unused) {
            foreach (['active', 'staging'] as $name) {
                $directories[$side][$name] = "$this->directory/$side/$name";
            }
        }
        $comparison->config($directories['ours'], $directories['theirs']);
        $comparison->databases($this->server->connection('parity_ours'), $this->server->connection('parity_theirs'), 'p_');
        $good = $finding === '' ? !$comparison->differences
            : count($comparison->differences) === 1 && strpos($comparison->differences[0], $finding) === 0;
        $this->check($good, "$sql $file: expected '$finding', got " . json_encode($comparison->differences, JSON_UNESCAPED_SLASHES));
    }

    private function orders(): void
    {
        foreach ([[['a', 'b'], ['b', 'a'], 1], [['a'], ['a', 'b'], 1], [['a', 'b'], ['a'], 2], [['a', 'b'], ['a', 'b'], 0]] as [$ours, $theirs, $count]) {
            $comparison = new ParityComparison(false);
            $comparison->orders($ours, $theirs);
            $this->check(count($comparison->differences) === $count, 'orders: ' . json_encode($comparison->differences));
        }
    }

    private function check(bool $good, string $message): void
    {
        if (!$good) {
            ++$this->failed;
            echo "FAILED: $message\n";
        }
    }
}

if (!is_executable('/usr/sbin/mariadbd')) {
    echo "skipped: no MariaDB server\n";
    exit(77);
}
$directory = (is_writable('/dev/shm') ? '/dev/shm' : sys_get_temp_dir()) . '/bdupdate-parity-' . bin2hex(random_bytes(4));
mkdir($directory);
$server = ParityDatabaseServer::own($directory);
try {
    $test = new ParityComparisonTest($server, $directory);
    $code = $test->run();
} finally {
    $server->stop();
    parity_run(['rm', '-rf', $directory]);
}
exit($code);
