<?php

/**
 * The worker: answers requests one after the other until its input ends (docs/worker-protocol.md).
 */
final class BdupdateWorker
{
    /** @var BdupdateProtocol */
    private $protocol;

    /** @var BdupdateTalk */
    private $talk;

    /** @var BdupdateSite|null */
    private $site = null;

    /** @var BdupdateGuard|null */
    private $guard = null;

    /** @var string What is being done, for the words of a sudden end. */
    private $doing = 'start';

    /** @var int Number of the request that is being answered. */
    private $request = 0;

    /** @var bool The process may end: quit, or end of input. */
    private $ending = false;

    /** @var string The docroot as this PHP sees it. */
    private $root = '';

    /** @var array|null Enabled modules at the last look. */
    private $enabled = null;

    /** @var array|null What commit() will most likely be asked for: written while the caller looks at the config directory. */
    private $likely = null;

    /** @var string|Throwable|null What came of writing that: the schema hash, or why not. */
    private $written = null;

    /** @var bool */
    private $booted = false;

    /** @var bool */
    private $prepared = false;

    /** @var string|null Freed at the end, so that something can be said after memory has run out. */
    private $reserve = null;

    /** @var resource|false LOCK_SH on settings.php while we live. */
    private $settingsLock = false;

    /**
     * @param string $token
     * @param class-string<BdupdateSite> $site
     */
    public static function main($token, $site)
    {
        $worker = new self($token);
        $worker->serve(new $site());
    }

    /**
     * @param string $token
     */
    private function __construct($token)
    {
        $this->reserve = str_repeat('x', 262144);
        $this->protocol = new BdupdateProtocol($token);
        $this->talk = new BdupdateTalk();
        // The first of all shutdown functions: nothing of the site may write before the open pass is undone.
        register_shutdown_function(array($this, 'shutdown'));
    }

    private function serve(BdupdateSite $site)
    {
        $this->protocol->send(array('hello' => PHP_VERSION));
        while (($frame = $this->protocol->receive()) !== null) {
            $this->request = isset($frame['id']) ? (int) $frame['id'] : 0;
            $do = isset($frame['do']) ? $frame['do'] : '';
            $this->doing = $do;
            $this->talk->about($do === 'pass', $this->root);
            if ($do === 'quit') {
                break;
            }
            try {
                $this->answer($this->handle($do, $frame, $site));
                $this->writeAhead();
            } catch (Throwable $error) {
                $this->undo();
                $this->answer($this->failure($error));
            }
            $this->doing = 'idle';
        }
        $this->undo();
        $this->ending = true;
        if ($this->doing !== 'quit') {
            // Whoever started us is gone: the site's own shutdown functions must not write behind its back.
            $this->stop();
        }
    }

    /**
     * @param string $do
     *
     * @return array
     */
    private function handle($do, array $frame, BdupdateSite $site)
    {
        switch ($do) {
            case 'check':
                return BdupdateCheck::report($frame);
            case 'connect':
                return $this->connect($frame, $site);
            case 'begin':
                return $this->begin($frame);
            case 'boot':
                return $this->boot();
            case 'upgrade':
                return $this->upgrade($frame);
            case 'facts':
                return BdupdateFacts::report($this->site());
            case 'pass':
                return $this->pass($frame);
            case 'commit':
                return $this->commit($frame);
            case 'flush':
                return $this->flush();
            case 'look':
                return $this->look();
        }
        throw new RuntimeException('unknown request: ' . $do);
    }

    /** @return array */
    private function connect(array $init, BdupdateSite $site)
    {
        $this->root = rtrim($init['docroot'], '/');
        $this->talk->about(false, $this->root);
        if ($init['backdrop_settings'] !== '') {
            $_SERVER['BACKDROP_SETTINGS'] = $init['backdrop_settings'];
        }
        $driver = 'pdo_' . $init['database']['driver'];
        if (!extension_loaded($driver)) {
            throw new RuntimeException('this PHP has no ' . $driver);
        }
        if (!is_file($init['settings_file']) || !@chdir($this->root)) {
            throw new RuntimeException('this PHP does not see the docroot ' . $this->root);
        }
        if (is_readable($init['settings_file'])) {
            $this->settingsLock = @fopen($init['settings_file'], 're');
            if ($this->settingsLock !== false) {
                flock($this->settingsLock, LOCK_SH | LOCK_NB);
            }
        }
        $this->talk->listen();
        $site->connect($init);
        $this->site = $site;
        $connection = BdupdateGuard::takeWorkerLock($site, $init['worker_lock']);
        $this->guard = new BdupdateGuard($site);
        $site->install($this->guard);
        $this->talk->listen();
        return array(
            'php' => PHP_VERSION,
            'connection' => $connection,
            'run' => $this->guard->markRun(),
            'config' => BdupdateHashes::config($site),
        );
    }

    /** @return array */
    private function begin(array $frame)
    {
        if (!$this->prepared) {
            $this->site()->beforeFirstPass();
            $this->prepared = true;
        }
        $this->guard()->open($frame['key']);
        return array();
    }

    /** @return array */
    private function boot()
    {
        $before = $this->site()->enabledModules();
        $again = $this->site()->boot();
        $this->booted = true;
        $this->talk->listen();
        $this->enabled = $this->site()->enabledModules();
        $report = BdupdateFacts::report($this->site());
        $report['requirements'] = $this->requirements();
        $report['again'] = $again;
        $report['disabled'] = array_values(array_diff($before, $this->enabled));
        $report['split'] = $this->guard()->isOpen() && $this->guard()->checkpoint(true);
        $report['messages'] = $this->talk->take($this->site);
        return $report;
    }

    /**
     * A request before the updates of a Drupal 7 database. No pass is open here: the mark says (1, open) already, for all of it.
     *
     * @return array
     */
    private function upgrade(array $frame)
    {
        $this->guard()->requireOpen($frame['key']);
        $level = $this->talk->openBuffer();
        try {
            $this->site()->upgrade($frame['step']);
            $this->talk->listen();
            $requirements = $this->requirements();
        } finally {
            $this->talk->closeBuffers($level);
        }
        return array('requirements' => $requirements, 'messages' => $this->talk->take($this->site));
    }

    /** @return array */
    private function requirements()
    {
        $list = array();
        foreach ($this->site()->requirements() as $requirement) {
            foreach (array('title', 'value', 'description') as $key) {
                $requirement[$key] = BdupdateText::fromHtml((string) $requirement[$key]);
            }
            $list[] = $requirement;
        }
        return $list;
    }

    /**
     * Calls an update function once. The transaction stays open; commit() or the end of the process follows.
     *
     * @return array
     */
    private function pass(array $frame)
    {
        $this->written = null;
        if (isset($frame['key'])) {
            try {
                $this->begin($frame);
            } catch (Throwable $error) {
                $this->undo();
                return $this->failure($error) + array('begun' => false);
            }
        }
        if (!$this->guard()->isOpen()) {
            throw new RuntimeException('no pass is open');
        }
        $function = (string) $frame['function'];
        if (!function_exists($function)) {
            $this->undo();
            return array('failure' => 'missing', 'error' => 'the function ' . $function . '() does not exist');
        }
        $this->freshState();
        $level = $this->talk->openBuffer();
        $report = array();
        $finished = 1.0;
        try {
            $sandbox = BdupdateSandbox::unpack($frame['sandbox']);
            $this->guard()->expose();
            $this->guard()->rows()->reset();
            $result = $this->site()->callUpdate($frame['module'], $frame['number'], $function, $sandbox);
            $report['split'] = $this->guard()->checkpoint(false);
            $report['rows'] = $this->guard()->rows()->report();
            $finished = BdupdateSandbox::finished($sandbox);
            if ($finished < 1.0) {
                $report['sandbox'] = base64_encode(BdupdateSandbox::pack($sandbox));
            } else {
                $report['result'] = BdupdateText::fromResult($result);
            }
            $enabled = $this->site()->enabledModules();
            $report['modules_changed'] = $enabled !== $this->enabled;
            $this->likely = $finished >= 1.0 && !$report['split'] && isset($frame['likely']) ? $frame['likely'] : null;
        } catch (Throwable $error) {
            $this->talk->closeBuffers($level);
            $report = $this->failure($error);
            $this->undo();
        }
        $this->talk->closeBuffers($level);
        $report['finished'] = $finished;
        $report['messages'] = $this->talk->take($this->site);
        $report['memory'] = memory_get_usage(true);
        return $report;
    }

    /**
     * Takes back what an update may have left changed for the next one: in core a later pass has a request of its own.
     */
    private function freshState()
    {
        if (function_exists('set_time_limit')) {
            // Some hosts disable it.
            set_time_limit(0);
        }
        chdir($this->root);
        restore_error_handler();
        $this->talk->listen();
    }

    /** @return array */
    private function commit(array $frame)
    {
        $written = $this->written;
        $this->written = null;
        $hash = $this->guard()->commit($frame['key'], (string) base64_decode($frame['sandbox'], true), function () use ($written, $frame) {
            if ($written instanceof Throwable) {
                throw $written;
            }
            return $written !== null ? $written : $this->writeNumber($frame);
        });
        return array('schema_hash' => $hash);
    }

    /**
     * What commits together with a pass, besides the mark.
     *
     * @return string
     *   The schema hash.
     */
    private function writeNumber(array $frame)
    {
        $site = $this->site();
        if (isset($frame['module'])) {
            $site->setSchemaVersion($frame['module'], $frame['number']);
        }
        if (!empty($frame['maintenance'])) {
            $site->assertMaintenance();
        }
        return BdupdateHashes::schema($site, $frame['hash_modules'], isset($frame['module']) ? $frame['module'] : null, $frame['number']);
    }

    private function writeAhead()
    {
        $likely = $this->likely;
        $this->likely = null;
        if ($likely === null) {
            return;
        }
        try {
            $this->written = $this->writeNumber($likely);
        } catch (Throwable $error) {
            $this->written = $error;
        }
    }

    /**
     * Whether one transaction held from the savepoint to here. A deadlock that core swallowed, or a schema change of a module, ended
     * it: then half of the flush may be missing, and it is done again as core does it, statement by statement.
     *
     * @return bool
     */
    private function stillOpen(BdupdateSite $site)
    {
        try {
            $site->pdo()->exec('RELEASE SAVEPOINT bdupdate_flush');
            return true;
        } catch (PDOException $error) {
            return false;
        }
    }

    /**
     * Boot and flush in one transaction: a flush that is killed leaves nothing behind, and no lock of core's own (menu_rebuild)
     * that would make the next flush skip its work silently. It is also faster than a commit a statement. beforeFirstPass() is left
     * out: what it has out of the way hardly comes up here, and ends in the slower way if it does.
     *
     * @return array
     */
    private function flush()
    {
        $site = $this->site();
        $site->openTransaction();
        $level = $this->talk->openBuffer();
        try {
            if (!$this->booted) {
                $site->boot();
                $this->booted = true;
                $this->talk->listen();
            }
            $this->freshState();
            $site->pdo()->exec('SAVEPOINT bdupdate_flush');
            $site->flush();
            $whole = $this->stillOpen($site);
            $site->commitTransaction();
            if (!$whole) {
                $site->flush();
            }
        } catch (Throwable $error) {
            $site->rollbackTransaction();
            throw $error;
        } finally {
            $this->talk->closeBuffers($level);
        }
        return array('messages' => $this->talk->take($site));
    }

    /**
     * Boots, tells what is there, and takes back what the boot wrote: for who only looks. No mark is needed, and none is touched.
     *
     * @return array
     */
    private function look()
    {
        $site = $this->site();
        $site->openTransaction();
        $level = $this->talk->openBuffer();
        try {
            $site->boot();
            $this->talk->listen();
            $report = BdupdateFacts::report($site);
            $report['requirements'] = $this->requirements();
            $report['schema'] = BdupdateSchema::declared($site);
            $report['messages'] = $this->talk->take($site);
        } finally {
            $this->talk->closeBuffers($level);
            $site->rollbackTransaction();
        }
        return $report;
    }

    /**
     * @param Throwable $error
     *
     * @return array
     */
    private function failure($error)
    {
        $kind = 'exception';
        if ($error instanceof BdupdateInterrupted) {
            $kind = 'interrupted';
        } elseif ($error instanceof BdupdateTransactionLost || ($this->guard !== null && $this->guard->refusal() !== null)) {
            $kind = 'lost';
        }
        $text = $error instanceof BdupdateInterrupted ? $error->getMessage() : BdupdateText::fromThrowable($error, $this->root);
        if ($kind === 'lost' && !$error instanceof BdupdateTransactionLost && $this->guard !== null) {
            $refusal = (string) $this->guard->refusal();
            $text = strpos($text, $refusal) === false ? $refusal . ' (' . $text . ')' : $text;
        }
        return array('failure' => $kind, 'error' => $text, 'trace' => BdupdateText::trace($error, $this->root));
    }

    private function undo()
    {
        if ($this->guard !== null && $this->guard->isOpen()) {
            $this->guard->abandon();
        }
    }

    private function answer(array $frame)
    {
        $this->protocol->send(array('id' => $this->request) + $frame);
    }

    /** @return BdupdateSite */
    private function site()
    {
        if ($this->site === null) {
            throw new RuntimeException('not connected');
        }
        return $this->site;
    }

    /** @return BdupdateGuard */
    private function guard()
    {
        if ($this->guard === null) {
            throw new RuntimeException('not connected');
        }
        return $this->guard;
    }

    /**
     * Runs at the end of PHP, expected or not: a fatal error, exit() in an update. Public because PHP calls it.
     */
    public function shutdown()
    {
        $this->reserve = null;
        if ($this->ending) {
            return;
        }
        if (function_exists('ini_set')) {
            @ini_set('memory_limit', '-1');
        }
        $fatal = BdupdateText::fromFatal(error_get_last(), $this->root);
        if ($this->guard !== null) {
            $this->guard->abandon();
        }
        $this->talk->closeBuffers(0);
        $what = array('start' => 'the start', 'connect' => 'settings.php', 'boot' => 'the boot', 'flush' => 'the cache flush', 'pass' => 'the update');
        $frame = $fatal !== null
            ? array('failure' => 'fatal', 'error' => $fatal)
            : array('failure' => 'exit', 'error' => (isset($what[$this->doing]) ? $what[$this->doing] : $this->doing) . ' called exit()');
        $frame['messages'] = array();
        try {
            $frame['messages'] = $this->talk->take($this->site);
        } catch (Throwable $error) {
            $frame['messages'][] = array('php', $error->getMessage(), 1);
        }
        $this->answer($frame);
        $this->stop();
    }

    /**
     * Ends the process without the shutdown functions and destructors of the site.
     */
    private function stop()
    {
        if (function_exists('posix_kill') && function_exists('posix_getpid')) {
            posix_kill(posix_getpid(), 9);
        }
        $this->ending = true;
        // Called in a shutdown function, exit() keeps the others from running.
        exit(1);
    }
}
