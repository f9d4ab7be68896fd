#!/usr/bin/env php
<?php

/**
 * Does `bdupdate run` leave the same site as core/update.php? docs/parity.md.
 */
foreach (['shell', 'options', 'database_server', 'copy', 'web', 'update_page', 'pages', 'compare'] as $part) {
    require __DIR__ . "/$part.php";
}

/**
 * The way of one comparison: install, fill, copy twice, swap, update each its way, compare, look.
 */
final class Parity
{
    private ParityOptions $options;
    private string $work;
    private ParityDatabaseServer $server;
    private float $began;

    /** @var list<string> */
    private array $troubles = [];

    public function __construct(ParityOptions $options, string $work)
    {
        $this->options = $options;
        $this->work = $work;
        $this->began = microtime(true);
    }

    /** Whether both ways led to the same. */
    public function run(): bool
    {
        $from = parity_tree($this->options->from, $this->work);
        $to = parity_tree($this->options->to, $this->work);
        $this->say(parity_name_of($from) . ' -> ' . parity_name_of($to)
            . ($this->options->prefix === '' ? '' : ", prefix {$this->options->prefix}")
            . ($this->options->modules ? ', with ' . implode(', ', $this->options->modules) : ''));
        $this->server = $this->options->db === '' ? ParityDatabaseServer::own($this->work)
            : ParityDatabaseServer::given($this->options->db);
        try {
            $this->use_socket();
            $this->compare_ways($from, $to);
        } finally {
            $this->server->stop($this->options->keep);
        }
        foreach ($this->troubles as $trouble) {
            $this->say(str_replace("\n", "\n    ", $trouble));
        }
        $this->say(sprintf('%s, %.1f s', $this->troubles ? 'DIFFERENT' : 'EQUAL', microtime(true) - $this->began));
        return !$this->troubles;
    }

    private function compare_ways(string $from, string $to): void
    {
        $drupal = !is_dir("$from/core");
        $id = 'parity_' . bin2hex(random_bytes(4));
        $site = $this->install($from, "{$id}_seed");
        $ours = $site->with_code_of($to, $this->server, "$this->work/ours", "{$id}_ours");
        $theirs = $site->with_code_of($to, $this->server, "$this->work/page", "{$id}_page");
        $this->step('two copies, with the newer code');
        $our_order = $this->run_bdupdate($ours, $drupal);
        $their_order = $this->run_update_page($theirs);

        $comparison = new ParityComparison($drupal);
        $comparison->orders($our_order, $their_order);
        $comparison->config($ours->config_directories(), $theirs->config_directories());
        $databases = [$this->server->connection($ours->database), $this->server->connection($theirs->database)];
        $comparison->databases($databases[0], $databases[1], $this->options->prefix);
        $this->step(sprintf('compared: %d updates, %d config files, %d tables, %d rows', count($our_order),
            $comparison->config_files, $comparison->tables, $comparison->rows));
        foreach ($comparison->exempted as $what => $times) {
            $this->say("  left out: $what ($times)");
        }
        $this->troubles = array_merge($this->troubles, $comparison->differences);
        $this->look($ours);
    }

    private function install(string $tree, string $database): ParityCopy
    {
        $docroot = "$this->work/seed";
        parity_must_run('cp', ['cp', '-a', '--reflink=auto', $tree, $docroot]);
        $this->server->create($database);
        $server = $this->server;
        $prefix = $this->options->prefix;
        // Old releases have much to say under a newer PHP.
        $php = [PHP_BINARY, '-d', 'error_reporting=0', '-d', 'display_errors=0', '-d', 'memory_limit=512M'];
        $copy = new ParityCopy($docroot, $database, $prefix);
        if ($copy->is_drupal()) {
            $spec = ['database' => $database, 'username' => $server->user, 'password' => $server->password, 'host' => $server->host,
                'port' => (string) $server->port, 'prefix' => $prefix];
            parity_must_run('the installer', array_merge($php, [__DIR__ . '/install_drupal7.php']), $docroot, (string) json_encode($spec));
            parity_must_run('chmod', ['chmod', '-R', 'u+w', "$docroot/sites/default"]);
        } else {
            $url = 'mysql://' . urlencode($server->user) . ':' . urlencode($server->password) . "@$server->host:$server->port/$database";
            parity_must_run('the installer', array_merge($php, ['core/scripts/install.sh', "--db-url=$url", '--account-name=admin',
                '--account-pass=admin', '--site-name=Parity', 'standard', "install_settings_form.mysql.prefix=$prefix"]), $docroot);
        }
        if (!in_array("{$prefix}system", parity_rows($this->server->connection($database), 'SHOW TABLES', PDO::FETCH_COLUMN), true)) {
            throw new ParityTrouble('the installer made no tables');
        }
        $this->step('installed');
        $fill = $copy->is_drupal() ? array_merge(['fill_drupal7.php'], $this->options->modules) : ['fill_backdrop.php'];
        $fill[0] = __DIR__ . "/$fill[0]";
        $filled = parity_must_run('filling the site', array_merge($php, $fill), $docroot);
        $this->step('filled: ' . trim($filled->out));
        return $copy;
    }

    /** @return list<string> The updates, in the order in which they ran. */
    private function run_bdupdate(ParityCopy $copy, bool $drupal): array
    {
        $outcome = $this->bdupdate($copy, ['run', '--yes', '--format', 'json']);
        $order = $without_code = $blocked = [];
        foreach (explode("\n", $outcome->out) as $line) {
            $event = json_decode($line, true);
            $kind = is_array($event) ? $event['event'] ?? '' : '';
            if ($kind === 'done') {
                $order[] = $event['function'];
            } elseif ($kind === 'end') {
                $blocked = $event['blocked'];
                foreach ($event['modules'] as $module) {
                    if ($module['problem'] === 'missing') {
                        $without_code[] = $module['module'];
                    }
                }
            }
        }
        $this->step('bdupdate run: ' . count($order) . " updates, exit code $outcome->code"
            . ($without_code ? ', no code for ' . implode(', ', $without_code) : ''));
        // Modules of Drupal 7 that Backdrop has no code for: update.php switches them off as well, and does not say so.
        $said = $outcome->code === 4 && $drupal && $without_code && !$blocked;
        if ($outcome->code !== 0 && !$said) {
            $this->troubles[] = "bdupdate run ended with $outcome->code:\n" . $outcome->tail();
        }
        return $order;
    }

    /** @return list<string> */
    private function run_update_page(ParityCopy $copy): array
    {
        $copy->let_everybody_update(true);
        $played = $this->open_update_page($copy);
        $copy->let_everybody_update(false);
        $this->step('update.php: ' . count($played->order) . ' updates');
        if ($played->trouble !== '') {
            $this->troubles[] = $played->trouble;
        }
        return $played->order;
    }

    private function open_update_page(ParityCopy $copy): ParityUpdatePage
    {
        $web = new ParityWebServer($copy->docroot, "$this->work/web.log");
        try {
            $database = $this->server->connection($copy->database);
            return parity_play_update_page(new ParityBrowser($web->base()), $database, $copy->prefix);
        } finally {
            $web->stop();
        }
    }

    /** The site that bdupdate updated: does it work, and does everybody say that nothing is pending? */
    private function look(ParityCopy $copy): void
    {
        $status = $this->bdupdate($copy, ['status', '--exit-code']);
        if ($status->code !== 0) {
            $this->troubles[] = "bdupdate status ended with $status->code:\n" . $status->tail();
        }
        $this->verify($copy);
        $web = new ParityWebServer($copy->docroot, "$this->work/web.log");
        try {
            $pages = parity_look_at_pages(new ParityBrowser($web->base()));
        } finally {
            $web->stop();
        }
        $this->troubles = array_merge($this->troubles, $pages['troubles']);
        $this->step("looked at $pages[seen] pages, " . count($pages['troubles']) . ' bad');
        $copy->let_everybody_update(true);
        $again = $this->open_update_page($copy);
        $copy->let_everybody_update(false);
        if (!$again->nothing_pending) {
            $this->troubles[] = 'update.php would run ' . implode(', ', $again->order) . " after bdupdate\n" . $again->trouble;
        }
        $this->step('pending: bdupdate status ' . ($status->code === 0 ? 'nothing' : 'something')
            . ', update.php ' . ($again->nothing_pending ? 'nothing' : 'something'));
    }

    /** Before anybody looks at pages, which fills caches: `verify` and `doctor` boot the site, and nothing of that may stay. */
    private function verify(ParityCopy $copy): void
    {
        $before = $this->checksums($copy);
        $verify = $this->bdupdate($copy, ['verify']);
        $this->bdupdate($copy, ['doctor']);
        if ($verify->code !== 0) {
            $this->troubles[] = "bdupdate verify ended with $verify->code:\n" . $verify->tail();
        }
        $written = array_keys(array_diff_assoc($this->checksums($copy), $before));
        if ($written !== []) {
            $this->troubles[] = 'bdupdate verify and doctor wrote to ' . implode(', ', $written);
        }
        $this->step('bdupdate verify: exit code ' . $verify->code . ', wrote to ' . count($written) . ' tables');
    }

    /** @return array<string, string> table => CHECKSUM TABLE */
    private function checksums(ParityCopy $copy): array
    {
        $database = $this->server->connection($copy->database);
        $tables = array_column(parity_rows($database, 'SHOW TABLES', PDO::FETCH_NUM), 0);
        $rows = parity_rows($database, 'CHECKSUM TABLE `' . implode('`, `', $tables) . '`', PDO::FETCH_NUM);
        return array_map('strval', array_column($rows, 1, 0));
    }

    /** @param list<string> $arguments */
    private function bdupdate(ParityCopy $copy, array $arguments): ParityOutcome
    {
        $where = ['--root', $copy->docroot, '--state-dir', "$this->work/state"];
        if ($this->server->socket !== '') {
            array_push($where, '--db-socket', $this->server->socket);
        }
        return parity_run(array_merge([$this->options->bdupdate], $arguments, $where), $copy->docroot);
    }

    /** Sites name a server by host and port: PHP is told which socket `localhost` is, for us and for every child. */
    private function use_socket(): void
    {
        if ($this->server->socket !== '') {
            mkdir("$this->work/php.d");
            file_put_contents("$this->work/php.d/socket.ini", "pdo_mysql.default_socket = {$this->server->socket}\n");
            putenv("PHP_INI_SCAN_DIR=:$this->work/php.d");
        }
    }

    private function step(string $text): void
    {
        $this->say(sprintf('  %5.1f s  %s', microtime(true) - $this->began, $text));
    }

    private function say(string $text): void
    {
        echo $text, "\n";
    }
}

$options = new ParityOptions(array_slice($argv, 1));
if ($options->from === '' || $options->to === '') {
    echo "skipped: no trees to compare with; BDUPDATE_PARITY_FROM and BDUPDATE_PARITY_TO name them (docs/parity.md)\n";
    exit(77);
}
// In memory where there is room: three sites and a server are a lot of small files.
$memory = @disk_free_space('/dev/shm') > 2e9 ? '/dev/shm' : sys_get_temp_dir();
$work = ($options->work !== '' ? $options->work : $memory) . '/bdupdate-parity-' . bin2hex(random_bytes(4));
if (!mkdir($work, 0755, true)) {
    exit(3);
}
try {
    $code = (new Parity($options, $work))->run() ? 0 : 1;
} catch (ParityTrouble $trouble) {
    fwrite(STDERR, $trouble->getMessage() . "\n");
    $code = 3;
}
if ($options->keep) {
    echo "kept: $work\n";
} else {
    parity_run(['chmod', '-R', 'u+w', $work]);
    parity_run(['rm', '-rf', $work]);
}
exit($code);
