<?php

/**
 * The connection object of Backdrop's or Drupal's layer, and what core has no public function for: transactions that core did not
 * open.
 */
final class BdupdateCoreConnection
{
    const LAYER = 'bdupdate';

    /** @var DatabaseConnection */
    private $core;

    /** @var PDO */
    private $pdo;

    /** @var bool MySQL: autocommit is off. */
    private $held = false;

    /**
     * @param string $property
     *   The one in which core keeps the PDO object.
     */
    public function __construct(DatabaseConnection $core, $property)
    {
        $this->core = $core;
        $pdo = Closure::bind(function () use ($property) {
            return isset($this->$property) ? $this->$property : null;
        }, $core, get_class($core))->__invoke();
        if (!$pdo instanceof PDO) {
            throw new RuntimeException("core's database layer keeps its connection in a way that is not known: it is too old, or too new");
        }
        $this->pdo = $pdo;
        if ($this->isSqlite()) {
            $this->pdo->exec('PRAGMA synchronous = FULL');
        }
    }

    /**
     * @return DatabaseConnection
     */
    public function core()
    {
        return $this->core;
    }

    /**
     * @return PDO
     */
    public function pdo()
    {
        return $this->pdo;
    }

    /**
     * Puts the guard around every statement of core's layer.
     *
     * On SQLite the layer's statements are no PDOStatements, but each gets its rows from one that PDO makes: with that one's class.
     */
    public function guard(BdupdateGuard $guard)
    {
        if ($this->isSqlite()) {
            BdupdatePlainStatement::$guard = $guard;
            $this->pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, array('BdupdatePlainStatement'));
            return;
        }
        bdupdate_declare_core_statement();
        BdupdateCoreStatement::$guard = $guard;
        $this->pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, array('BdupdateCoreStatement', array($this->core)));
    }

    /**
     * Asks core whether the server has utf8mb4, which tries a table and so would commit: newer cores of Backdrop keep the answer
     * with the connection; for the others, and for Drupal, the statement class gives it from now on.
     *
     * @param bool|null $known
     *   What it said to an earlier process.
     *
     * @return bool|null
     */
    public function askUtf8mb4($known)
    {
        if ($known !== null) {
            bdupdate_declare_core_statement();
            BdupdateCoreStatement::$utf8mb4 = (bool) $known;
            return (bool) $known;
        }
        // Drupal's answers to any name, by handing it on to PDO.
        if (!$this->isSqlite() && method_exists($this->core, 'utf8mb4IsSupported')) {
            return BdupdateCoreStatement::$utf8mb4 = (bool) $this->core->utf8mb4IsSupported();
        }
        return null;
    }

    /**
     * Opens a transaction that the layer takes for its own outermost one.
     */
    public function begin()
    {
        if ($this->isSqlite()) {
            $this->pdo->exec('BEGIN IMMEDIATE');
        } else {
            if ($this->pdo->inTransaction()) {
                $this->pdo->commit();
            }
            if (!$this->held) {
                $this->pdo->exec('SET autocommit = 0');
                $this->held = true;
            }
            $this->pdo->beginTransaction();
        }
        // Not pushTransaction(): a site with 'transactions' => FALSE would skip it, and TRUNCATE must become DELETE there too.
        $this->setLayers(array(self::LAYER => self::LAYER));
    }

    /**
     * COMMIT, whatever the layer thinks; throws where it failed.
     */
    public function commit()
    {
        $this->setLayers(array());
        if ($this->isSqlite()) {
            $this->pdo->exec('COMMIT');
            return;
        }
        if ($this->pdo->inTransaction()) {
            $this->pdo->commit();
        } else {
            $this->pdo->exec('COMMIT');
        }
    }

    /**
     * Statements commit by themselves again.
     */
    public function free()
    {
        if ($this->held) {
            $this->held = false;
            $this->pdo->exec('SET autocommit = 1');
        }
    }

    /**
     * ROLLBACK, whatever the layer thinks; never throws.
     */
    public function rollback()
    {
        try {
            $this->setLayers(array());
            if (!$this->isSqlite() && $this->pdo->inTransaction()) {
                $this->pdo->rollBack();
            } else {
                $this->pdo->exec('ROLLBACK');
            }
        } catch (Throwable $error) {
            // The connection is gone, and the transaction with it.
            return;
        }
    }

    /**
     * A schema change has committed: only what the update itself opened stays open.
     */
    public function split()
    {
        $this->setLayers(array_diff_key($this->layers(), array(self::LAYER => true)));
        $this->free();
    }

    /** @return bool */
    private function isSqlite()
    {
        return $this->core->driver() === 'sqlite';
    }

    /**
     * What core's layer thinks of open transactions; there is no public way to tell it about a transaction that it did not open.
     *
     * @return array
     */
    private function layers()
    {
        return Closure::bind(function () {
            return $this->transactionLayers;
        }, $this->core, get_class($this->core))->__invoke();
    }

    private function setLayers(array $layers)
    {
        Closure::bind(function () use ($layers) {
            $this->transactionLayers = $layers;
        }, $this->core, get_class($this->core))->__invoke();
    }
}

/**
 * PDO's own statement class with the guard around execute().
 */
final class BdupdatePlainStatement extends PDOStatement
{
    /** @var BdupdateGuard */
    public static $guard;

    /**
     * {@inheritdoc}
     */
    #[\ReturnTypeWillChange]
    public function execute($args = null)
    {
        self::$guard->before($this->queryString);
        try {
            $result = parent::execute($args);
        } catch (PDOException $error) {
            self::$guard->failed($error);
            throw $error;
        }
        self::$guard->after($this);
        return $result;
    }
}

/**
 * Declares the statement class, once core's own one is loaded.
 */
function bdupdate_declare_core_statement()
{
    if (!class_exists('BdupdateCoreStatement', false)) {
        /**
         * core's statement class with the guard around execute().
         */
        class BdupdateCoreStatement extends DatabaseStatementBase
        {
            /** backdrop_utf8mb4_test or drupal_utf8mb4_test. */
            const SCRATCH_TABLE = '_utf8mb4_test';

            /** @var BdupdateGuard */
            public static $guard;

            /** @var bool|null What utf8mb4IsSupported() said before the first pass. */
            public static $utf8mb4;

            /**
             * {@inheritdoc}
             */
            #[\ReturnTypeWillChange]
            public function execute($args = array(), $options = array())
            {
                if (self::$utf8mb4 !== null && strpos($this->queryString, self::SCRATCH_TABLE) !== false) {
                    if (!self::$utf8mb4) {
                        throw new PDOException('asked before: the server has no utf8mb4 with long keys');
                    }
                    return true;
                }
                self::$guard->before($this->queryString);
                try {
                    $result = parent::execute($args, $options);
                } catch (PDOException $error) {
                    self::$guard->failed($error);
                    throw $error;
                }
                self::$guard->after($this);
                return $result;
            }
        }
    }
}

/**
 * Declares what update.inc calls and only update.php defines.
 */
function bdupdate_declare_update_page()
{
    if (!function_exists('update_extra_requirements')) {
        /**
         * Adds requirements that boot steps found, and returns all of them.
         *
         * @param array|null $requirements
         *
         * @return array
         */
        function update_extra_requirements($requirements = null)
        {
            static $all = array();
            $all += is_array($requirements) ? $requirements : array();
            return $all;
        }
    }
}
