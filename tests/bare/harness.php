<?php

/**
 * Runs one group of cases of the bare API against one database and prints a line a case: "ok NAME" or "failed NAME: why".
 *
 * php harness.php SOURCE_DIR GROUP JSON: the settings of the database, 'scratch' (a directory for files) and 'outer'
 * (whether cases run inside the worker's transaction).
 */

error_reporting(E_ALL);
set_error_handler(function ($severity, $message, $file, $line) {
    if ((error_reporting() & $severity) === 0) {
        return false;
    }
    throw new ErrorException($message, 0, $severity, $file, $line);
});

final class Bench
{
    /** @var array */
    public static $options;

    /** @var BdupdateBareSite */
    public static $site;

    /** @var string docroot of the case */
    public static $root;

    /** @var int */
    private static $number = 0;

    /** Loads the worker's PHP as the binary joins it. */
    public static function load($source)
    {
        $files = array_merge(array("$source/text.php", "$source/site_interface.php", "$source/rows.php", "$source/guard.php"), glob("$source/bare/*.php"));
        $code = '';
        foreach ($files as $file) {
            $code .= substr(file_get_contents($file), strlen('<?php')) . "\n";
        }
        eval($code);
    }

    /** A fresh site for each case. */
    public static function fresh()
    {
        $database = self::$options['database'];
        self::$root = self::$options['scratch'] . '/' . ++self::$number;
        mkdir(self::$root . '/active', 0777, true);
        mkdir(self::$root . '/staging');
        mkdir(self::$root . '/modules');
        file_put_contents(
            self::$root . '/settings.php',
            "<?php\n\$settings['hello'] = 'world';\n\$config['site.settings']['forced'] = 'yes';\n\$config['site.settings']['deep.key'] = array('x' => 1);\n"
            . "\$conf['old'] = 'variable';\n\$config_directories['staging'] = 'staging';\n"
        );
        if ($database['driver'] === 'sqlite') {
            $database['database'] = self::$root . '/site.sqlite';
            touch($database['database']);
        }
        self::$site = self::site($database);
        // The last case's connection is a cycle: PDO knows the connection object that knows it. Servers count connections.
        gc_collect_cycles();
        if ($database['driver'] === 'mysql') {
            self::emptyDatabase();
        }
        if (self::$options['outer']) {
            self::$site->openTransaction();
        }
    }

    public static function site(array $database)
    {
        $site = new BdupdateBareSite();
        $site->connect(array(
            'docroot' => self::$root,
            'settings_file' => self::$root . '/settings.php',
            'conf_path' => '.',
            'database' => $database,
            'active_config' => self::$root . '/active',
        ));
        return $site;
    }

    /** Looks at the database anew, as a worker that starts after tables were made. */
    public static function reconnect()
    {
        self::$site->findNumbers();
    }

    /** What the case did inside the worker's transaction must be gone with it. */
    public static function leave()
    {
        if (self::$options['outer']) {
            self::$site->rollbackTransaction();
            if (sqlite() && db_find_tables('%')) {
                throw new Exception('after the rollback there still is ' . implode(', ', db_find_tables('%')));
            }
        }
    }

    private static function emptyDatabase()
    {
        foreach (self::$site->pdo()->query('SHOW TABLES')->fetchAll(PDO::FETCH_COLUMN) as $table) {
            self::$site->pdo()->exec("DROP TABLE `$table`");
        }
    }

    public static function run($name, callable $case)
    {
        try {
            self::fresh();
            $case();
            self::leave();
            echo "ok $name\n";
        } catch (Throwable $error) {
            $text = get_class($error) . ': ' . $error->getMessage() . ' in ' . basename($error->getFile()) . ':' . $error->getLine();
            foreach ($error->getTrace() as $frame) {
                $text .= isset($frame['file']) && strpos($frame['file'], 'cases') !== false ? ' from line ' . $frame['line'] : '';
            }
            echo "failed $name: " . str_replace("\n", ' ', $text) . "\n";
        }
        // A transaction that stays open would hold up the next case.
        self::$site->rollbackTransaction();
    }
}

function sqlite()
{
    return Bench::$options['database']['driver'] === 'sqlite';
}

function same($expected, $actual)
{
    if ($expected !== $actual) {
        throw new Exception('expected ' . json_encode($expected) . ', got ' . json_encode($actual));
    }
}

function throws($class, callable $call, $words = '')
{
    try {
        $call();
    } catch (Throwable $error) {
        if (!$error instanceof $class || ($words !== '' && strpos($error->getMessage(), $words) === false)) {
            throw new Exception("expected $class \"$words\", got " . get_class($error) . ': ' . $error->getMessage());
        }
        return $error;
    }
    throw new Exception("expected $class, nothing was thrown");
}

/** Members of a club, for the queries. */
function members(array $rows = array('Ada', 'Bea', 'Cleo', 'Dora'))
{
    db_create_table('member', array(
        'fields' => array(
            'id' => array('type' => 'serial', 'unsigned' => true, 'not null' => true),
            'name' => array('type' => 'varchar', 'length' => 60, 'not null' => true, 'default' => ''),
            'age' => array('type' => 'int', 'not null' => false),
            'town' => array('type' => 'varchar', 'length' => 60, 'not null' => true, 'default' => 'Bern'),
        ),
        'primary key' => array('id'),
        'unique keys' => array('name' => array('name')),
        'indexes' => array('age' => array('age')),
    ));
    foreach ($rows as $index => $name) {
        db_insert('member')->fields(array('name' => $name, 'age' => 20 + $index))->execute();
    }
}

function names($query)
{
    return implode(' ', $query->execute()->fetchCol());
}

function sorted(array $values)
{
    sort($values);
    return $values;
}

function write_file($path, $bytes)
{
    $path = Bench::$root . '/' . $path;
    if (!is_dir(dirname($path))) {
        mkdir(dirname($path), 0777, true);
    }
    file_put_contents($path, $bytes);
}

Bench::$options = json_decode($argv[3], true);
Bench::$options['source'] = $argv[1];
Bench::load("$argv[1]/src/worker/php");
$cases = require __DIR__ . "/$argv[2]_cases.php";
foreach ($cases as $name => $case) {
    Bench::run($name, $case);
}
