<?php

/**
 * The open transaction of a pass is gone: what the update did in it is undone, and nothing more of it may be written.
 */
final class BdupdateTransactionLost extends PDOException
{
}

/**
 * Another run moved the mark, or it is not ours.
 */
final class BdupdateInterrupted extends RuntimeException
{
}

/**
 * The transaction of a pass, the mark in it, and the watch over both.
 *
 * "A pass N" of docs/crash-safety.md. The mark moves to (N, open) as the first statement of the transaction. A schema change on
 * MySQL commits it, and with it publishes (N, open); a deadlock, a lost connection and the like undo it, and the mark reads N-1 again.
 * So reading the mark tells which of both happened, whatever the update swallowed.
 */
final class BdupdateGuard
{
    /** In place of the schema hash while the transaction of an exposed pass stands. */
    const INSIDE = 'inside';

    /** Statements that commit an open transaction on MySQL, of those that modules send. */
    const COMMITS = '/^\s*(?:(?:CREATE|DROP)\s+(?!TEMPORARY\b)|ALTER\s|RENAME\s|TRUNCATE\s|LOCK\s|COMMIT\b|(?:OPTIMIZE|ANALYZE|REPAIR)\s)/i';

    /** @var bool */
    private $looking = false;

    /** @var BdupdateSite */
    private $site;

    /** @var PDO */
    private $pdo;

    /** @var string */
    private $table = '';

    /** @var bool */
    private $mysql = false;

    /** @var array|null The pass that is open: run, epoch, seq. */
    private $key = null;

    /** @var bool */
    private $split = false;

    /** @var bool (N, open) is committed: only what the transaction behind it wrote tells whether that one still stands. */
    private $exposed = false;

    /** @var string|null Why no further statement is let through. */
    private $refusal = null;

    /** @var BdupdateRows What the update has written so far. */
    private $rows;

    /** @var bool PDO::inTransaction() tells what the server says (pdo_mysql from PHP 8.0 on). */
    private $serverTells = false;

    public function __construct(BdupdateSite $site)
    {
        $this->site = $site;
        $this->pdo = $site->pdo();
        $this->table = $site->table('bdupdate_mark');
        $this->mysql = $site->driver() === 'mysql';
        $this->serverTells = $this->mysql && PHP_VERSION_ID >= 80000;
        $this->rows = new BdupdateRows();
    }

    /**
     * @return BdupdateRows
     */
    public function rows()
    {
        return $this->rows;
    }

    /**
     * Shows other processes that this session still lives: recovery waits for the lock to be free.
     *
     * @param string $name
     *
     * @return int
     *   The server's id of the connection, 0 on SQLite.
     */
    public static function takeWorkerLock(BdupdateSite $site, $name)
    {
        if ($site->driver() !== 'mysql') {
            return 0;
        }
        $pdo = $site->pdo();
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
     * The run whose mark stands in the database, or '' where there is none.
     *
     * @return string
     */
    public function markRun()
    {
        try {
            $run = $this->select('SELECT `run` FROM ' . $this->table);
            return $run === null ? '' : (string) $run[0];
        } catch (PDOException $e) {
            return '';
        }
    }

    /**
     * The mark is at (N, open) of this very run: it was put there for what comes, which no transaction holds together.
     *
     * @param array $key
     *   run, epoch, seq (N).
     */
    public function requireOpen(array $key)
    {
        $row = $this->select('SELECT `run`, `epoch`, `seq`, `state` FROM ' . $this->table);
        if ($row !== array((string) $key['run'], (string) $key['epoch'], (string) $key['seq'], 'open')) {
            throw new BdupdateInterrupted('the mark in ' . $this->table . ' is not at the open pass ' . $key['seq'] . ' of this run');
        }
    }

    /**
     * Opens the transaction and moves the mark from (N-1, done) to (N, open).
     *
     * @param array $key
     *   run, epoch, seq (N), plan, step.
     */
    public function open(array $key)
    {
        $this->split = false;
        $this->exposed = false;
        $this->refusal = null;
        $this->site->openTransaction();
        $this->key = $key;
        $moved = $this->mark('`seq` = ?, `state` = ?', array($key['seq'], 'open'), $key['seq'] - 1, 'done');
        if ($moved !== 1) {
            $this->abandon();
            throw new BdupdateInterrupted('the mark in ' . $this->table . ' is not at pass ' . ($key['seq'] - 1) . ' of this run');
        }
        $this->pdo->exec('SAVEPOINT bdupdate_pass');
    }

    /**
     * Commits (N, open) where the site has tables without transactions, and opens the transaction again: what an update
     * writes there stays whatever becomes of the rest, so that only a restore undoes the pass.
     */
    public function expose()
    {
        if ($this->key === null || $this->split || empty($this->key['unprotected'])) {
            return;
        }
        $this->site->commitTransaction();
        $this->site->openTransaction();
        $this->exposed = true;
        if ($this->mark('`schema_hash` = ?', array(self::INSIDE), $this->key['seq'], 'open') !== 1) {
            throw new BdupdateTransactionLost('the mark in ' . $this->table . ' is not at the open pass ' . $this->key['seq']);
        }
        $this->pdo->exec('SAVEPOINT bdupdate_pass');
    }

    /**
     * Whether a pass is open.
     *
     * @return bool
     */
    public function isOpen()
    {
        return $this->key !== null;
    }

    /**
     * Finds out what became of the transaction since open() or the last checkpoint, and goes on.
     *
     * @param bool $more
     *   Whether something else will run in this pass.
     *
     * @return bool
     *   TRUE: a schema change committed it, the pass is split.
     */
    public function checkpoint($more)
    {
        if ($this->refusal !== null) {
            throw new BdupdateTransactionLost($this->refusal);
        }
        if (!$this->split) {
            try {
                $this->pdo->exec('RELEASE SAVEPOINT bdupdate_pass');
            } catch (PDOException $e) {
                if (!$this->mysql) {
                    $this->endedByUpdate();
                }
                $this->judge(true, $e->getMessage());
                if ($this->refusal !== null) {
                    throw new BdupdateTransactionLost($this->refusal);
                }
                return true;
            }
            if ($more) {
                $this->pdo->exec('SAVEPOINT bdupdate_pass');
            }
        }
        return $this->split;
    }

    /**
     * Writes the mark as (N, done) and commits, both only where the mark still is at (N, open).
     *
     * @param callable $inside
     *   Writes what belongs into the same commit, and returns the schema hash.
     *
     * @return string
     *   The schema hash.
     */
    public function commit(array $key, $sandbox, $inside)
    {
        if ($this->key === null || $this->refusal !== null) {
            throw new BdupdateTransactionLost($this->refusal === null ? 'no pass is open' : $this->refusal);
        }
        if ($this->split) {
            $this->site->openTransaction();
        }
        $hash = call_user_func($inside);
        $done = $this->mark(
            '`state` = ?, `plan` = ?, `step` = ?, `sandbox` = ?, `schema_hash` = ?',
            array('done', $key['plan'], $key['step'], $sandbox, $hash),
            $key['seq'],
            'open'
        );
        if ($done !== 1) {
            throw new BdupdateTransactionLost('the mark in ' . $this->table . ' is not at the open pass ' . $key['seq']);
        }
        $this->site->commitTransaction();
        $this->key = null;
        return $hash;
    }

    /**
     * Rolls back what is open and lets no further statement through.
     *
     * @param string $why
     */
    public function abandon($why = 'the pass was undone')
    {
        if ($this->key !== null) {
            $this->key = null;
            $this->site->rollbackTransaction();
        }
        $this->refusal = $why;
    }

    /**
     * From here on nothing may commit what the site writes: it is only looked at. On SQLite nothing does.
     */
    public function onlyLook()
    {
        $this->looking = $this->mysql;
    }

    /**
     * Called by the layer before each statement.
     *
     * @param string $sql
     */
    public function before($sql)
    {
        if ($this->looking && preg_match(self::COMMITS, $sql) === 1) {
            throw new PDOException('the site is only looked at, and this would commit what its boot wrote: ' . substr(trim($sql), 0, 200));
        }
        if ($this->refusal !== null) {
            throw new BdupdateTransactionLost($this->refusal);
        }
    }

    /**
     * Called by the layer after each statement that succeeded: notices at once when one of them has committed.
     */
    public function after(PDOStatement $statement)
    {
        $this->rows->count($statement);
        if ($this->serverTells && $this->key !== null && !$this->split && !$this->pdo->inTransaction()) {
            $this->judge(true, 'the transaction ended');
        }
    }

    /**
     * Called by the layer after each statement that failed.
     *
     * @param Throwable $error
     */
    public function failed($error)
    {
        if ($this->key !== null && $this->refusal === null) {
            $this->judge($this->serverTells && !$this->split && !$this->pdo->inTransaction(), $error->getMessage());
        }
    }

    /**
     * Why no further statement is let through, or NULL.
     *
     * @return string|null
     */
    public function refusal()
    {
        return $this->refusal;
    }

    /**
     * Reads the mark and concludes what happened to the transaction.
     *
     * @param bool $ended
     *   The transaction that open() began is known to have ended.
     * @param string $why
     */
    private function judge($ended, $why)
    {
        try {
            $row = $this->select('SELECT `run`, `epoch`, `seq`, `state`, `schema_hash` FROM ' . $this->table);
        } catch (PDOException $e) {
            $this->refusal = $e->getMessage() === $why ? $why : $why . '; then: ' . $e->getMessage();
            return;
        }
        $key = $this->key;
        if ($row === null || $key === null || $row[0] !== $key['run'] || (int) $row[1] !== $key['epoch'] || (int) $row[2] !== $key['seq'] || $row[3] !== 'open' || ($this->exposed && $row[4] !== self::INSIDE)) {
            $this->refusal = $why . '; the server has undone the transaction';
        } elseif ($ended && $this->mysql && !$this->split) {
            $this->split = true;
            $this->site->transactionSplit();
        }
    }

    /**
     * SQLite's schema changes commit nothing, so only a COMMIT or ROLLBACK sent past the bare API ends a pass in silence. What
     * was written behind it stands already: the mark has to say so, and the backup takes it back.
     */
    private function endedByUpdate()
    {
        $seq = $this->key === null ? 0 : $this->key['seq'];
        $this->mark('`seq` = ?, `state` = ?', array($seq, 'open'), $seq - 1, 'done');
        throw new RuntimeException('the update ended the transaction of its pass with a COMMIT or ROLLBACK of its own');
    }

    /**
     * Changes the mark where it is at $seq and $state of the open run.
     *
     * @return int
     *   The number of rows changed.
     */
    private function mark($set, array $values, $seq, $state)
    {
        if ($this->key === null) {
            return 0;
        }
        $sql = 'UPDATE ' . $this->table . ' SET ' . $set . ' WHERE `run` = ? AND `epoch` = ? AND `seq` = ? AND `state` = ?';
        $statement = $this->pdo->prepare($sql, array(PDO::ATTR_STATEMENT_CLASS => array('PDOStatement')));
        $statement->execute(array_merge($values, array($this->key['run'], $this->key['epoch'], $seq, $state)));
        return $statement->rowCount();
    }

    /**
     * The only row of a query as a list of strings, or NULL.
     *
     * @return array|null
     */
    private function select($sql)
    {
        // PDO::query() does not pass through execute() of the layer's statement class, so the guard does not call itself.
        $statement = $this->pdo->query($sql, PDO::FETCH_NUM);
        $row = $statement === false ? false : $statement->fetch(PDO::FETCH_NUM);
        if ($statement !== false) {
            $statement->closeCursor();
        }
        return is_array($row) ? array_map('strval', $row) : null;
    }
}
