<?php

/**
 * The worker: answers requests one after the other until its input ends (docs/worker-protocol.md).
 */
final class BdupdateWorker
{
    const OUTPUT_LIMIT = 65536;
    const MESSAGE_LIMIT = 200;

    /** @var BdupdateProtocol */
    private $protocol;

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

    /** @var array Messages of PHP itself since the last report: text => how often. */
    private $messages = array();

    /** @var string */
    private $output = '';

    /** @var int Bytes of output that were too many to keep. */
    private $dropped = 0;

    /** @var array|null Enabled modules at the last look. */
    private $enabled = null;

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
     * @param string $site
     *   Name of a class that implements BdupdateSite.
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
            if ($do === 'quit') {
                break;
            }
            try {
                $this->answer($this->handle($do, $frame, $site));
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
            case 'connect':
                return $this->connect($frame, $site);
            case 'begin':
                if (!$this->prepared) {
                    $site->beforeFirstPass();
                    $this->prepared = true;
                }
                $this->guard()->open($frame['key']);
                return array();
            case 'boot':
                return $this->boot();
            case 'facts':
                return $this->report();
            case 'pass':
                return $this->pass($frame);
            case 'commit':
                return $this->commit($frame);
            case 'flush':
                return $this->flush();
        }
        throw new RuntimeException('unknown request: ' . $do);
    }

    /**
     * @return array
     */
    private function connect(array $init, BdupdateSite $site)
    {
        $this->root = rtrim($init['docroot'], '/');
        if ($init['backdrop_settings'] !== '') {
            $_SERVER['BACKDROP_SETTINGS'] = $init['backdrop_settings'];
        }
        $driver = 'pdo_' . $init['database']['driver'];
        if (!extension_loaded($driver)) {
            throw new RuntimeException('this PHP has no ' . $driver);
        }
        if (!is_dir($this->root) || !@chdir($this->root)) {
            throw new RuntimeException('this PHP does not see the docroot ' . $this->root);
        }
        if (is_readable($init['settings_file'])) {
            $this->settingsLock = @fopen($init['settings_file'], 're');
            if ($this->settingsLock !== false) {
                flock($this->settingsLock, LOCK_SH | LOCK_NB);
            }
        }
        set_error_handler(array($this, 'onError'));
        $site->connect($init);
        $this->site = $site;
        $connection = $this->takeWorkerLock($init['worker_lock']);
        $this->guard = new BdupdateGuard($site);
        $site->install($this->guard);
        set_error_handler(array($this, 'onError'));
        return array(
            'php' => PHP_VERSION,
            'connection' => $connection,
            'run' => $this->guard->markRun(),
            'config' => $this->configHash(),
        );
    }

    /**
     * Shows other processes that this session still lives: recovery waits for the lock to be free.
     *
     * @param string $name
     *
     * @return int
     *   The server's id of the connection, 0 on SQLite.
     */
    private function takeWorkerLock($name)
    {
        if ($this->site()->driver() !== 'mysql') {
            return 0;
        }
        $pdo = $this->site()->pdo();
        $statement = $pdo->query('SELECT CONNECTION_ID()');
        $id = $statement === false ? 0 : (int) $statement->fetchColumn();
        if ($name !== '') {
            try {
                $statement = $pdo->query('SELECT GET_LOCK(' . $pdo->quote($name) . ', 10)');
                $taken = $statement === false ? null : $statement->fetchColumn();
            } catch (PDOException $e) {
                // A server that refuses GET_LOCK: the epoch of the mark alone is the fence.
                return $id;
            }
            if ($taken !== null && (int) $taken !== 1) {
                throw new RuntimeException('another worker of this run still holds the lock ' . $name);
            }
        }
        return $id;
    }

    /**
     * SHA-256 over the lines "path size", sorted bytewise, each ended by a newline; '' where config is not in a directory.
     *
     * @return string
     */
    private function configHash()
    {
        $listing = $this->site()->configListing();
        if ($listing === null) {
            return '';
        }
        $lines = array();
        foreach ($listing as $path => $size) {
            $lines[] = $path . ' ' . $size . "\n";
        }
        sort($lines, SORT_STRING);
        return hash('sha256', implode('', $lines));
    }

    /**
     * @return array
     */
    private function boot()
    {
        $before = $this->site()->enabledModules();
        $again = $this->site()->boot();
        $this->booted = true;
        set_error_handler(array($this, 'onError'));
        $this->enabled = $this->site()->enabledModules();
        $report = $this->report();
        $report['requirements'] = array();
        foreach ($this->site()->requirements() as $requirement) {
            foreach (array('title', 'value', 'description') as $key) {
                $requirement[$key] = BdupdateText::fromHtml((string) $requirement[$key]);
            }
            $report['requirements'][] = $requirement;
        }
        $report['again'] = $again;
        $report['disabled'] = array_values(array_diff($before, $this->enabled));
        $report['split'] = $this->guard()->isOpen() && $this->guard()->checkpoint(true);
        $report['messages'] = $this->takeMessages();
        return $report;
    }

    /**
     * What the planner needs to know.
     *
     * @return array
     */
    private function report()
    {
        $site = $this->site();
        $functions = BdupdateFacts::updateFunctions();
        $states = $site->codeStates();
        $modules = array();
        foreach ($site->moduleRows() as $row) {
            $name = $row['name'];
            if ($row['schema_version'] === -1) {
                continue;
            }
            $row['code'] = isset($states[$name]) ? $states[$name] : 'not_found';
            $row['last_removed'] = BdupdateFacts::lastRemoved($name);
            $row['updates'] = isset($functions[$name]) ? $functions[$name] : array();
            $modules[] = $row;
        }
        return array(
            'modules' => $modules,
            'dependencies' => BdupdateFacts::dependencies($site->hookOrder()),
            'merged' => $site->mergedModules(),
        );
    }

    /**
     * Calls an update function once. The transaction stays open; commit() or the end of the process follows.
     *
     * @return array
     */
    private function pass(array $frame)
    {
        if (!$this->guard()->isOpen()) {
            throw new RuntimeException('no pass is open');
        }
        $function = $frame['function'];
        if (!function_exists($function)) {
            $this->undo();
            return array('failure' => 'missing', 'error' => 'the function ' . $function . '() does not exist');
        }
        $this->freshState();
        $level = ob_get_level();
        ob_start(array($this, 'onOutput'), 4096);
        $report = array();
        $finished = 1.0;
        try {
            $sandbox = $this->unpack($frame['sandbox']);
            $result = $this->site()->callUpdate($frame['module'], $frame['number'], $function, $sandbox);
            $report['split'] = $this->guard()->checkpoint(false);
            $finished = $this->finished($sandbox);
            if ($finished < 1.0) {
                $report['sandbox'] = base64_encode($this->pack($sandbox));
            } else {
                $report['result'] = BdupdateText::fromResult($result);
            }
            $enabled = $this->site()->enabledModules();
            $report['modules_changed'] = $enabled !== $this->enabled;
        } catch (Throwable $error) {
            $this->closeBuffers($level);
            $report = $this->failure($error);
            $this->undo();
        }
        $this->closeBuffers($level);
        $report['finished'] = $finished;
        $report['messages'] = $this->takeMessages();
        $report['memory'] = memory_get_usage(true);
        return $report;
    }

    /**
     * Takes back what an update may have left changed for the next one: in core a later pass has a request of its own.
     */
    private function freshState()
    {
        set_time_limit(0);
        chdir($this->root);
        restore_error_handler();
        set_error_handler(array($this, 'onError'));
    }

    /**
     * The value of #finished, taken out of the sandbox.
     *
     * @param mixed $sandbox
     *
     * @return float
     */
    private function finished(&$sandbox)
    {
        if (!is_array($sandbox) || !isset($sandbox['#finished'])) {
            return 1.0;
        }
        $value = $sandbox['#finished'];
        unset($sandbox['#finished']);
        if (is_bool($value)) {
            return $value ? 1.0 : 0.0;
        }
        if (!is_numeric($value) || is_nan((float) $value)) {
            throw new UnexpectedValueException('#finished is no number: ' . (is_scalar($value) ? var_export($value, true) : gettype($value)));
        }
        return (float) $value;
    }

    /**
     * @param mixed $sandbox
     *
     * @return string
     */
    private function pack($sandbox)
    {
        try {
            return serialize($sandbox);
        } catch (Throwable $error) {
            throw new UnexpectedValueException('the sandbox cannot be kept until the next pass: ' . $error->getMessage(), 0, $error);
        }
    }

    /**
     * @param string $packed
     *   In base64; '' starts an update.
     *
     * @return mixed
     */
    private function unpack($packed)
    {
        if ($packed === '') {
            return array();
        }
        $text = (string) base64_decode($packed, true);
        $sandbox = @unserialize($text);
        if ($sandbox === false && $text !== 'b:0;') {
            throw new UnexpectedValueException('the sandbox of the pass before cannot be read');
        }
        return $sandbox;
    }

    /**
     * @return array
     */
    private function commit(array $frame)
    {
        $site = $this->site();
        $hash = $this->guard()->commit($frame['key'], (string) base64_decode($frame['sandbox'], true), function () use ($site, $frame) {
            if (isset($frame['module'])) {
                $site->setSchemaVersion($frame['module'], $frame['number']);
            }
            return $this->schemaHash($frame['hash_modules'], isset($frame['module']) ? $frame['module'] : null, $frame['number']);
        });
        return array('schema_hash' => $hash);
    }

    /**
     * SHA-256 over the lines "name=number", sorted bytewise, each ended by a newline, of those modules that have a row.
     *
     * @param string|null $written
     *   The module whose number was just written: it must read back as $number.
     * @param int $number
     *
     * @return string
     */
    private function schemaHash(array $modules, $written, $number)
    {
        $wanted = array_flip($modules);
        $lines = array();
        foreach ($this->site()->moduleRows() as $row) {
            if ($row['name'] === $written && $row['schema_version'] !== $number) {
                throw new RuntimeException('the number ' . $number . ' of ' . $written . ' was not stored');
            }
            if (isset($wanted[$row['name']])) {
                $lines[] = $row['name'] . '=' . $row['schema_version'] . "\n";
            }
        }
        sort($lines, SORT_STRING);
        return hash('sha256', implode('', $lines));
    }

    /**
     * @return array
     */
    private function flush()
    {
        if (!$this->booted) {
            $this->site()->boot();
            $this->booted = true;
            set_error_handler(array($this, 'onError'));
        }
        $this->freshState();
        $level = ob_get_level();
        ob_start(array($this, 'onOutput'), 4096);
        try {
            $this->site()->flush();
        } finally {
            $this->closeBuffers($level);
        }
        return array('messages' => $this->takeMessages());
    }

    /**
     * Collects what an update prints. Public because PHP calls it.
     *
     * @param string $buffer
     *
     * @return string
     */
    public function onOutput($buffer)
    {
        $room = self::OUTPUT_LIMIT - strlen($this->output);
        $this->output .= $room > 0 ? substr($buffer, 0, $room) : '';
        $this->dropped += max(0, strlen($buffer) - max(0, $room));
        return '';
    }

    /**
     * Collects PHP's warnings and notices. Public because PHP calls it.
     *
     * @param int $level
     * @param string $text
     * @param string $file
     * @param int $line
     *
     * @return bool
     */
    public function onError($level, $text, $file = '', $line = 0)
    {
        if (($level & error_reporting()) === 0) {
            return true;
        }
        if ($level === E_RECOVERABLE_ERROR) {
            throw new ErrorException($text, 0, $level, $file, $line);
        }
        $names = array(
            E_WARNING => 'warning', E_NOTICE => 'notice', E_USER_ERROR => 'error', E_USER_WARNING => 'warning',
            E_USER_NOTICE => 'notice', E_DEPRECATED => 'deprecated', E_USER_DEPRECATED => 'deprecated',
        );
        $name = isset($names[$level]) ? $names[$level] : 'notice';
        if ($name === 'deprecated' && $this->doing !== 'pass') {
            // Hundreds of them where core is older than PHP, and nothing that the operator could do about it.
            return true;
        }
        $key = $name . ': ' . $text . ' (' . BdupdateText::place($file, $line, $this->root) . ')';
        if (isset($this->messages[$key])) {
            $this->messages[$key]++;
        } elseif (count($this->messages) < self::MESSAGE_LIMIT) {
            $this->messages[$key] = 1;
        }
        return true;
    }

    /**
     * @return array
     */
    private function takeMessages()
    {
        $all = array();
        foreach ($this->messages as $text => $times) {
            $all[] = array('php', $text . ($times > 1 ? ' (' . $times . ' times)' : ''));
        }
        $this->messages = array();
        if ($this->site !== null) {
            foreach ($this->site->takeMessages() as $message) {
                $all[] = array($message[0], BdupdateText::fromHtml((string) $message[1]));
            }
        }
        foreach (explode("\n", $this->output) as $line) {
            if (trim($line) !== '') {
                $all[] = array('output', rtrim($line));
            }
        }
        if ($this->dropped > 0) {
            $all[] = array('output', '… ' . $this->dropped . ' more bytes left out');
        }
        $this->output = '';
        $this->dropped = 0;
        return $all;
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
            $text = $this->guard->refusal() . ' (' . $text . ')';
        }
        return array('failure' => $kind, 'error' => $text, 'trace' => BdupdateText::trace($error, $this->root));
    }

    private function undo()
    {
        if ($this->guard !== null && $this->guard->isOpen()) {
            $this->guard->abandon();
        }
    }

    /**
     * @param int $level
     */
    private function closeBuffers($level)
    {
        while (ob_get_level() > $level && @ob_end_flush()) {
            continue;
        }
    }

    private function answer(array $frame)
    {
        $this->protocol->send(array('id' => $this->request) + $frame);
    }

    /**
     * @return BdupdateSite
     */
    private function site()
    {
        if ($this->site === null) {
            throw new RuntimeException('not connected');
        }
        return $this->site;
    }

    /**
     * @return BdupdateGuard
     */
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
        @ini_set('memory_limit', '-1');
        $last = error_get_last();
        $fatal = $last !== null && ($last['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR)) !== 0;
        if ($this->guard !== null) {
            $this->guard->abandon();
        }
        $this->closeBuffers(0);
        $what = array('start' => 'the start', 'connect' => 'settings.php', 'boot' => 'the boot', 'flush' => 'the cache flush', 'pass' => 'the update');
        $frame = $fatal && $last !== null
            ? array('failure' => 'fatal', 'error' => $last['message'] . ' (' . BdupdateText::place($last['file'], $last['line'], $this->root) . ')')
            : array('failure' => 'exit', 'error' => (isset($what[$this->doing]) ? $what[$this->doing] : $this->doing) . ' called exit()');
        $frame['messages'] = array();
        try {
            $frame['messages'] = $this->takeMessages();
        } catch (Throwable $error) {
            $frame['messages'][] = array('php', $error->getMessage());
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
