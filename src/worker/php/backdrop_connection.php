<?php

/**
 * core's connection object, and what core has no public function for: transactions that core did not open.
 */
final class BdupdateBackdropConnection
{
    const LAYER = 'bdupdate';

    /** @var DatabaseConnection */
    private $core;

    /** @var PDO */
    private $pdo;

    public function __construct(DatabaseConnection $core)
    {
        $this->core = $core;
        $this->pdo = Closure::bind(function () {
            return $this->pdo;
        }, $core, get_class($core))->__invoke();
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
     */
    public function guard(BdupdateGuard $guard)
    {
        bdupdate_declare_backdrop_statement();
        BdupdateBackdropStatement::$guard = $guard;
        $this->pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, array('BdupdateBackdropStatement', array($this->core)));
    }

    /**
     * Opens a transaction that the layer takes for its own outermost one.
     */
    public function begin()
    {
        if ($this->pdo->inTransaction()) {
            $this->pdo->commit();
        }
        $this->pdo->exec('SET autocommit = 0');
        $this->pdo->beginTransaction();
        // Not pushTransaction(): a site with 'transactions' => FALSE would skip it, and TRUNCATE must become DELETE there too.
        $this->setLayers(array(self::LAYER => self::LAYER));
    }

    /**
     * COMMIT, whatever the layer thinks; throws where it failed.
     */
    public function commit()
    {
        $this->setLayers(array());
        if ($this->pdo->inTransaction()) {
            $this->pdo->commit();
        } else {
            $this->pdo->exec('COMMIT');
        }
        $this->pdo->exec('SET autocommit = 1');
    }

    /**
     * ROLLBACK, whatever the layer thinks; never throws.
     */
    public function rollback()
    {
        try {
            $this->setLayers(array());
            if ($this->pdo->inTransaction()) {
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
        $this->pdo->exec('SET autocommit = 1');
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
 * Declares the statement class, once core's own one is loaded.
 */
function bdupdate_declare_backdrop_statement()
{
    if (!class_exists('BdupdateBackdropStatement', false)) {
        /**
         * core's statement class with the guard around execute().
         */
        class BdupdateBackdropStatement extends DatabaseStatementBase
        {
            const SCRATCH_TABLE = 'backdrop_utf8mb4_test';

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
                self::$guard->before();
                if (self::$utf8mb4 !== null && strpos($this->queryString, self::SCRATCH_TABLE) !== false) {
                    if (!self::$utf8mb4) {
                        throw new PDOException('asked before: the server has no utf8mb4 with long keys');
                    }
                    return true;
                }
                try {
                    $result = parent::execute($args, $options);
                } catch (PDOException $error) {
                    self::$guard->failed($error);
                    throw $error;
                }
                self::$guard->after();
                return $result;
            }
        }
    }
}

/**
 * Declares what update.inc calls and only core/update.php defines.
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
