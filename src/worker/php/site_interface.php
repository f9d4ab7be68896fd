<?php

/**
 * What the worker needs of a site: everything else it does alike for every kind of site.
 *
 * Implementations: BdupdateBackdropSite, BdupdateBareSite (class names are looked up by kind). The worker's files are joined and
 * evaluated: the shared ones first, then those of the site's kind in the order of their paths, so a parent class or an
 * interface needs a path that sorts before its children's. No file may include another one, use __DIR__ or run code at load time.
 *
 * Any method may throw; a thrown Throwable ends the request with an error frame, or, in callUpdate(), fails the update.
 * Nothing may print.
 */
interface BdupdateSite
{
    /**
     * Loads code that connect() needs and that does nothing by being loaded. Called right after the start: a process that was started
     * ahead has it by the time it is wanted.
     *
     * @param string $root
     *   The docroot as this PHP sees it.
     */
    public function preload($root);

    /**
     * Reads the settings, changes into the docroot and opens the connection. Writes nothing, in no place.
     *
     * @param array $init
     *   'docroot', 'settings_file', 'conf_path' (as this PHP sees them) and 'database' (driver, database, username, password, host,
     *   port, unix_socket, prefix, charset, collation: what C++ read; a site that reads its settings itself ignores it),
     *   'active_config' (a directory, or '' where config is kept in the database).
     */
    public function connect(array $init);

    /**
     * 'mysql' or 'sqlite'.
     *
     * @return string
     */
    public function driver();

    /**
     * The very connection that the statements of update functions run on.
     *
     * @return PDO
     */
    public function pdo();

    /**
     * The full name of a table, prefixed and quoted for use in SQL.
     *
     * @param string $name
     *
     * @return string
     */
    public function table($name);

    /**
     * Makes every statement that goes through the site's database layer pass the guard.
     *
     * A PDO statement class (PDO::ATTR_STATEMENT_CLASS) whose execute() calls $guard->before($sql) first, $guard->after($this) after success
     * and $guard->failed($exception) before it lets a PDOException go on. Statements that the layer sends by PDO::exec() do the same.
     * Called once, after connect().
     */
    public function install(BdupdateGuard $guard);

    /**
     * Statements that would commit implicitly and can be had out of the way before the first pass. May do nothing.
     *
     * @param array $known
     *   What an earlier process of this run returned here, or nothing.
     *
     * @return array
     *   What later processes need not ask again.
     */
    public function beforeFirstPass(array $known);

    /**
     * Opens the transaction of a pass on pdo(), so that the layer's own db_transaction() nests in it.
     *
     * MySQL: SET autocommit = 0, and the layer thinks a transaction is open. SQLite: BEGIN IMMEDIATE.
     */
    public function openTransaction();

    /**
     * COMMIT, whatever the layer thinks; throws where it failed. The layer thinks afterwards that nothing is open. MySQL: autocommit
     * stays 0 for the next transaction; freeTransactions() ends that.
     */
    public function commitTransaction();

    /**
     * Each statement commits by itself again, as the site does it without us. No transaction of ours is open.
     */
    public function freeTransactions();

    /**
     * ROLLBACK, whatever the layer thinks, and never throws. The layer thinks afterwards that nothing is open.
     */
    public function rollbackTransaction();

    /**
     * The transaction was committed implicitly by a schema change (MySQL): from here on the layer works as it would without us.
     *
     * That is: SET autocommit = 1, and our layer is taken out of the layer's bookkeeping; the update's own open ones stay.
     */
    public function transactionSplit();

    /**
     * The *.json files of the active config directory as this PHP sees it: path relative to it => size in bytes.
     *
     * @return array|null
     *   NULL where config is not kept in a directory.
     */
    public function configListing();

    /**
     * Boots for updates; update functions of all installed modules are defined afterwards. Runs inside the first pass.
     *
     * @return bool
     *   TRUE: the boot changed where the code of installed modules is found, or which of them are enabled. What was loaded is not
     *   what the next process loads: commit, and go on in a fresh one.
     */
    public function boot();

    /**
     * Rows of type module in the order of core's query without ORDER BY, uninstalled ones included.
     *
     * @return array
     *   A list of array('name' => string, 'schema_version' => int, 'enabled' => bool).
     */
    public function moduleRows();

    /**
     * The numbers alone, in one query: asked for at every commit.
     *
     * @return array<string, int>
     *   Name => schema_version, uninstalled ones included.
     */
    public function schemaVersions();

    /**
     * Names of installed modules in the order of hooks (ORDER BY weight, name in the table's own collation).
     *
     * @return array
     */
    public function hookOrder();

    /**
     * What is known of the code of installed modules after boot().
     *
     * @return array
     *   Name => 'present', 'not_found', 'merged', 'wrong_core' or 'php_too_old'.
     */
    public function codeStates();

    /**
     * Modules that were merged into core.
     *
     * @return array
     */
    public function mergedModules();

    /**
     * Requirements for the phase 'update', after boot().
     *
     * @return array
     *   A list of array('name', 'title', 'value', 'description' (may hold HTML), 'severity' => 'warning' or 'error').
     */
    public function requirements();

    /**
     * Calls an update function once; what it returns comes back, what it throws goes through.
     *
     * @param string $module
     * @param string $number
     * @param string $function
     * @param mixed $sandbox
     *
     * @return mixed
     */
    public function callUpdate($module, $number, $function, &$sandbox);

    /**
     * Messages for people since the last call (backdrop_set_message(), watchdog()); afterwards none are left.
     *
     * @return array
     *   A list of array(kind, text); kind is 'status', 'warning', 'error' or one of BdupdateText::logKind(), text may hold HTML.
     */
    public function takeMessages();

    /**
     * Writes a module's last-run number, in the open transaction.
     *
     * @param string $module
     * @param int $number
     */
    public function setSchemaVersion($module, $number);

    /**
     * The full name of the table that says which modules are enabled.
     *
     * @return string
     */
    public function modulesTable();

    /**
     * Names of enabled modules as the database has them now, sorted.
     *
     * @return array
     */
    public function enabledModules();

    /**
     * Loads the code of modules that an update has enabled, and makes their hooks known, as core does when it enables a module: the
     * next update finds what it would find in a fresh process.
     *
     * @param array $modules
     *   Names, some of them perhaps loaded already.
     */
    public function takeIn(array $modules);

    /**
     * One of the requests that update.php spreads the way from Drupal 7 over, before the first update. In a process that does
     * nothing else, and outside any transaction: they change the schema. The requirements that hold after it are asked next.
     *
     * @param string $step
     *   'first', 'info' or 'dependencies', in this order.
     */
    public function upgrade($step);

    /**
     * Called before the COMMIT of each pass of a run that keeps the site in maintenance mode: on again where an update switched it off.
     */
    public function assertMaintenance();

    /**
     * Empties all caches as the end of update.php does. boot() was called before, in this process; no transaction is open.
     */
    public function flush();
}
