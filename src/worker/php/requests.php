<?php

/**
 * What a connected worker does: the requests for passes, and those for a whole process (flush, look). Where a pass may be open, an exception
 * leaves it to the caller to undo it.
 */
final class BdupdateRequests
{
    /** @var BdupdateSite */
    private $site;

    /** @var BdupdateGuard */
    private $guard;

    /** @var BdupdateTalk */
    private $talk;

    /** @var string The docroot as this PHP sees it. */
    private $root;

    /** @var array|null Enabled modules at the last look. */
    private $enabled = null;

    /** @var array|null What commit() will most likely be asked for: written while the caller looks at the config directory. */
    private $likely = null;

    /** @var string|Throwable|null What came of writing that: the schema hash, or why not. */
    private $written = null;

    /** @var bool */
    private $booted = false;

    /** @var array|null What was found out before the first pass. */
    private $known = null;

    /**
     * @param string $root
     */
    public function __construct(BdupdateSite $site, BdupdateGuard $guard, BdupdateTalk $talk, $root)
    {
        $this->site = $site;
        $this->guard = $guard;
        $this->talk = $talk;
        $this->root = $root;
    }

    /** @return array */
    public function begin(array $frame)
    {
        $this->prepare($frame);
        $this->guard->open($frame['key']);
        return array('known' => $this->known);
    }

    private function prepare(array $frame)
    {
        if ($this->known === null) {
            $this->known = $this->site->beforeFirstPass(isset($frame['known']) ? $frame['known'] : array());
        }
    }

    /** @return array */
    public function boot()
    {
        $before = $this->site->enabledModules();
        $again = $this->site->boot();
        $this->booted = true;
        $this->talk->listen();
        $this->enabled = $this->site->enabledModules();
        $this->guard->rows()->watch($this->site->modulesTable());
        $report = BdupdateFacts::report($this->site);
        $report['requirements'] = $this->requirements();
        $report['again'] = $again;
        $report['disabled'] = array_values(array_diff($before, $this->enabled));
        $report['split'] = $this->guard->isOpen() && $this->guard->checkpoint(true);
        $report['messages'] = $this->talk->take($this->site);
        return $report;
    }

    /**
     * A request before the updates of a Drupal 7 database. No pass is open here: the mark says (1, open) already, for all of it.
     *
     * @return array
     */
    public function upgrade(array $frame)
    {
        $this->guard->requireOpen($frame['key']);
        $level = $this->talk->openBuffer();
        try {
            $this->prepare($frame);
            $this->site->upgrade($frame['step']);
            $this->talk->listen();
            $requirements = $this->requirements();
        } finally {
            $this->talk->closeBuffers($level);
        }
        return array('requirements' => $requirements, 'messages' => $this->talk->take($this->site), 'known' => $this->known);
    }

    /**
     * Calls an update function once. The transaction stays open; commit() or the end of the process follows.
     *
     * @return array
     */
    public function pass(array $frame)
    {
        $this->written = null;
        if (isset($frame['key'])) {
            try {
                $this->begin($frame);
            } catch (Throwable $error) {
                $this->undo();
                return BdupdateFailure::report($error, $this->guard, $this->root) + array('begun' => false);
            }
        }
        if (!$this->guard->isOpen()) {
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
            $this->guard->expose();
            $this->guard->rows()->reset();
            $result = $this->site->callUpdate($frame['module'], $frame['number'], $function, $sandbox);
            $report['split'] = $this->guard->checkpoint(false);
            $report['rows'] = $this->guard->rows()->report();
            if ($report['split']) {
                $report['altered'] = $this->guard->rows()->altered();
            }
            $finished = BdupdateSandbox::finished($sandbox);
            if ($finished < 1.0) {
                $report['sandbox'] = base64_encode(BdupdateSandbox::pack($sandbox));
            } else {
                $report['result'] = BdupdateText::fromResult($result);
            }
            $report['modules_disabled'] = $this->followModules();
            $this->likely = $finished >= 1.0 && !$report['split'] && isset($frame['likely']) ? $frame['likely'] : null;
        } catch (Throwable $error) {
            $this->talk->closeBuffers($level);
            $report = BdupdateFailure::report($error, $this->guard, $this->root);
            $this->undo();
        }
        $this->talk->closeBuffers($level);
        $report['finished'] = $finished;
        $report['messages'] = $this->talk->take($this->site);
        $report['memory'] = memory_get_usage(true);
        return $report;
    }

    /**
     * Takes in what the update enabled.
     *
     * @return bool
     *   The update disabled modules, whose code no process can forget.
     */
    private function followModules()
    {
        if (!$this->guard->rows()->touched()) {
            return false;
        }
        $before = (array) $this->enabled;
        $this->enabled = $this->site->enabledModules();
        $added = array_diff($this->enabled, $before);
        if ($added) {
            $this->site->takeIn($added);
        }
        return (bool) array_diff($before, $this->enabled);
    }

    /** @return array */
    public function commit(array $frame)
    {
        $written = $this->written;
        $this->written = null;
        $hash = $this->guard->commit($frame['key'], (string) base64_decode($frame['sandbox'], true), function () use ($written, $frame) {
            if ($written instanceof Throwable) {
                throw $written;
            }
            return $written !== null ? $written : $this->writeNumber($frame);
        });
        return array('schema_hash' => $hash);
    }

    public function writeAhead()
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

    public function undo()
    {
        if ($this->guard->isOpen()) {
            $this->guard->abandon();
        }
    }

    /**
     * What the site does at the end of the process is its own affair again.
     */
    public function release()
    {
        $this->undo();
        $this->site->freeTransactions();
    }

    /**
     * Boot and flush in one transaction: a flush that is killed leaves nothing behind, and no lock of core's own (menu_rebuild)
     * that would make the next flush skip its work silently. It is also faster than a commit a statement. beforeFirstPass() is left
     * out: what it has out of the way hardly comes up here, and ends in the slower way if it does.
     *
     * @return array
     */
    public function flush()
    {
        $site = $this->site;
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
            $site->freeTransactions();
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
    public function look()
    {
        $site = $this->site;
        // Before the transaction: what core tries would commit it, with all that the boot wrote.
        $site->beforeFirstPass(array());
        $this->guard->onlyLook();
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

    /** @return array */
    private function requirements()
    {
        $list = array();
        foreach ($this->site->requirements() as $requirement) {
            foreach (array('title', 'value', 'description') as $key) {
                $requirement[$key] = BdupdateText::fromHtml((string) $requirement[$key]);
            }
            $list[] = $requirement;
        }
        return $list;
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

    /**
     * What commits together with a pass, besides the mark.
     *
     * @return string
     *   The schema hash.
     */
    private function writeNumber(array $frame)
    {
        $site = $this->site;
        if (isset($frame['module'])) {
            $site->setSchemaVersion($frame['module'], $frame['number']);
        }
        if (!empty($frame['maintenance'])) {
            $site->assertMaintenance();
        }
        return BdupdateHashes::schema($site, $frame['hash_modules'], isset($frame['module']) ? $frame['module'] : null, $frame['number']);
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
}
