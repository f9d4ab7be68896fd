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

    /** @var BdupdateRequests|null Once connected. */
    private $requests = null;

    /** @var string What is being done, for the words of a sudden end. */
    private $doing = 'start';

    /** @var int Number of the request that is being answered. */
    private $request = 0;

    /** @var bool The process may end: quit, or end of input. */
    private $ending = false;

    /** @var string The docroot as this PHP sees it. */
    private $root = '';

    /** @var string|null Freed at the end, so that something can be said after memory has run out. */
    private $reserve = null;

    /** @var resource|false LOCK_SH on settings.php while we live. */
    private $settingsLock = false;

    /** @var Throwable|null Why core's code could not be loaded. */
    private $unloadable = null;

    /**
     * @param string $token
     * @param class-string<BdupdateSite> $site
     * @param string $root
     *   The docroot as this PHP should see it.
     */
    public static function main($token, $site, $root)
    {
        $worker = new self($token);
        $worker->serve(new $site(), $root);
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

    /**
     * @param string $root
     */
    private function serve(BdupdateSite $site, $root)
    {
        $this->protocol->send(array('hello' => PHP_VERSION));
        $this->preload($site, $root);
        while (($frame = $this->protocol->receive()) !== null) {
            $this->request = isset($frame['id']) ? (int) $frame['id'] : 0;
            $do = isset($frame['do']) ? $frame['do'] : '';
            $this->doing = $do;
            $this->talk->about($do === 'pass', $this->root);
            if ($do === 'quit') {
                $this->release();
                break;
            }
            try {
                $this->answer($this->handle($do, $frame, $site));
                if ($this->requests !== null) {
                    $this->requests->writeAhead();
                }
            } catch (Throwable $error) {
                $this->undo();
                $this->answer(BdupdateFailure::report($error, $this->guard, $this->root));
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
                return $this->check($frame);
            case 'connect':
                return $this->connect($frame, $site);
            case 'begin':
                return $this->requests()->begin($frame);
            case 'boot':
                return $this->requests()->boot();
            case 'upgrade':
                return $this->requests()->upgrade($frame);
            case 'facts':
                return BdupdateFacts::report($this->site());
            case 'pass':
                return $this->requests()->pass($frame);
            case 'commit':
                return $this->requests()->commit($frame);
            case 'flush':
                return $this->requests()->flush();
            case 'look':
                return $this->requests()->look();
        }
        throw new RuntimeException('unknown request: ' . $do);
    }

    /**
     * Unasked: until the first request comes there is nothing else to do.
     *
     * @param string $root
     */
    private function preload(BdupdateSite $site, $root)
    {
        if (!is_dir($root)) {
            return;
        }
        $this->talk->about(false, $root);
        $this->talk->listen();
        try {
            $site->preload($root);
        } catch (Throwable $error) {
            $this->unloadable = $error;
        }
    }

    /** @return array */
    private function check(array $frame)
    {
        $report = BdupdateCheck::report($frame);
        if (!isset($report['missing'])) {
            $this->requireLoaded();
        }
        return $report;
    }

    private function requireLoaded()
    {
        if ($this->unloadable !== null) {
            throw $this->unloadable;
        }
    }

    /** @return array */
    private function connect(array $init, BdupdateSite $site)
    {
        $this->requireLoaded();
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
        $this->requests = new BdupdateRequests($site, $this->guard, $this->talk, $this->root);
        $site->install($this->guard);
        $this->talk->listen();
        return array(
            'php' => PHP_VERSION,
            'connection' => $connection,
            'run' => $this->guard->markRun(),
            'config' => BdupdateHashes::config($site),
        );
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

    /** @return BdupdateRequests */
    private function requests()
    {
        if ($this->requests === null) {
            throw new RuntimeException('not connected');
        }
        return $this->requests;
    }

    private function undo()
    {
        if ($this->requests !== null) {
            $this->requests->undo();
        }
    }

    private function release()
    {
        if ($this->requests !== null) {
            $this->requests->release();
        }
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
