<?php

/**
 * Transactions that nest: inside the worker's, or inside each other, they are savepoints.
 */
abstract class BdupdateBareTransactions extends BdupdateBareNames
{
    const COMMITTED = 'rollback without an open transaction: a schema change has committed it';

    /** @var PDO */
    protected $pdo;

    /** @var bool whether the worker's own transaction is open */
    private $outer = false;

    /** @var array<string, bool> open layers, oldest first; FALSE: over, waits for a younger one */
    private $layers = array();

    /** @var int */
    private $last_name = 0;

    /**
     * Sends SQL as it stands: braces in it are no table names.
     *
     * @param string $sql
     * @param array<int|string, mixed> $args
     *
     * @return BdupdateBareResult
     */
    abstract public function send($sql, array $args = array());

    /** Starts a transaction where none is open. */
    abstract public function begin();

    /**
     * Tells that the worker's transaction was opened or is over; with it all layers are gone.
     *
     * @param bool $open
     */
    public function setOuter($open)
    {
        $this->outer = $open;
        $this->layers = array();
    }

    /** The worker's transaction was committed behind its back: the layers of the update stay. */
    public function forgetOuter()
    {
        $this->outer = false;
    }

    /** @return bool */
    public function inTransaction()
    {
        return $this->transactionDepth() > 0;
    }

    /** @return int */
    public function transactionDepth()
    {
        return count($this->layers) + ($this->outer ? 1 : 0);
    }

    /** @return bool */
    public function supportsTransactions()
    {
        return true;
    }

    /** @return string a name that no open layer has */
    public function newLayerName()
    {
        return 'savepoint_' . ++$this->last_name;
    }

    /**
     * @param string $name
     */
    public function pushTransaction($name)
    {
        if (isset($this->layers[$name])) {
            throw new DatabaseTransactionNameNonUniqueException("a transaction named $name is open already");
        }
        if ($this->inTransaction()) {
            $this->send('SAVEPOINT ' . $this->layer($name));
        } else {
            $this->begin();
        }
        $this->layers[$name] = true;
    }

    /**
     * Ends a layer; it takes effect when the younger ones are over too.
     *
     * @param string $name
     */
    public function popTransaction($name)
    {
        if (!isset($this->layers[$name])) {
            return;
        }
        $this->layers[$name] = false;
        foreach (array_reverse($this->layers, true) as $layer => $open) {
            if ($open) {
                return;
            }
            unset($this->layers[$layer]);
            if ($this->inTransaction()) {
                $this->release((string) $layer);
            } elseif ($this->pdo->inTransaction() && !$this->pdo->commit()) {
                throw new DatabaseTransactionCommitFailedException('the commit failed');
            }
        }
    }

    /**
     * Undoes a layer and every younger one.
     *
     * @param string $name
     */
    public function rollback($name = 'backdrop_transaction')
    {
        if (!isset($this->layers[$name])) {
            throw new DatabaseTransactionNoActiveException("no transaction named $name is open");
        }
        $others = false;
        while (($layer = key(array_slice($this->layers, -1, 1, true))) !== $name) {
            unset($this->layers[$layer]);
            $others = true;
        }
        unset($this->layers[$name]);
        if ($this->inTransaction()) {
            $this->undo($name);
        } elseif ($this->pdo->inTransaction()) {
            $this->pdo->rollBack();
        } else {
            trigger_error(self::COMMITTED, E_USER_WARNING);
        }
        if ($others) {
            throw new DatabaseTransactionOutOfOrderException("transactions inside $name were still open");
        }
    }

    /** @return string */
    protected function layer($name)
    {
        return $this->quoteIdentifier((string) preg_replace('/[^A-Za-z0-9_]+/', '_', $name));
    }

    /**
     * @param string $name
     */
    protected function release($name)
    {
        $this->send('RELEASE SAVEPOINT ' . $this->layer($name));
    }

    /**
     * @param string $name
     */
    protected function undo($name)
    {
        $this->send('ROLLBACK TO SAVEPOINT ' . $this->layer($name));
    }

    /** Our layers are no longer there in the database. */
    protected function forgetLayers()
    {
        $this->layers = array();
    }
}
