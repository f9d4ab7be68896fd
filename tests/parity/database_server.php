<?php

/**
 * The MariaDB or MySQL server that holds the copies: a given one, or one that is started for the length of the run.
 */
final class ParityDatabaseServer
{
    public string $host = '127.0.0.1';
    public int $port = 3306;
    public string $socket = '';
    public string $user = 'parity';
    public string $password = 'parity';

    /** @var resource|null Of a server that we started. */
    private $process = null;

    /** @var list<string> */
    private array $created = [];

    /**
     * @param string $url mysql://user:password@host:port or mysql://user:password@localhost?socket=/path, parts url-encoded; the
     *   account may create databases
     */
    public static function given(string $url): self
    {
        $parts = parse_url($url);
        if (!is_array($parts) || ($parts['scheme'] ?? '') !== 'mysql' || !isset($parts['user'])) {
            throw new ParityTrouble("not a database server: $url\nhint: mysql://user:password@host:port");
        }
        $server = new self();
        $server->host = urldecode($parts['host'] ?? 'localhost');
        $server->port = $parts['port'] ?? 3306;
        $server->user = urldecode($parts['user']);
        $server->password = urldecode($parts['pass'] ?? '');
        parse_str($parts['query'] ?? '', $query);
        $server->socket = is_string($query['socket'] ?? null) ? $query['socket'] : '';
        return $server;
    }

    /** Starts a server that lives in this directory and listens on 127.0.0.1 only. */
    public static function own(string $directory): self
    {
        $server = new self();
        $server->port = parity_free_port();
        mkdir("$directory/mysql");
        $user = posix_geteuid() === 0 ? ['--user=root'] : [];
        parity_must_run('mariadb-install-db', array_merge(
            ['mariadb-install-db', '--no-defaults', "--datadir=$directory/mysql", '--skip-test-db', '--skip-name-resolve',
                '--auth-root-authentication-method=normal'],
            $user
        ));
        file_put_contents("$directory/mysql.sql", "CREATE USER 'parity'@'127.0.0.1' IDENTIFIED BY 'parity';\n"
            . "GRANT ALL PRIVILEGES ON *.* TO 'parity'@'127.0.0.1';\n");
        $program = is_executable('/usr/sbin/mariadbd') ? '/usr/sbin/mariadbd' : 'mariadbd';
        $log = ['file', "$directory/mysql.log", 'a'];
        $server->process = proc_open(array_merge(
            [$program, '--no-defaults', "--datadir=$directory/mysql", "--tmpdir=$directory/mysql",
                "--socket=$directory/mysql/s", '--bind-address=127.0.0.1', "--port=$server->port", '--skip-name-resolve',
                '--character-set-server=utf8mb4', '--collation-server=utf8mb4_general_ci', '--performance-schema=0',
                '--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', "--init-file=$directory/mysql.sql"],
            $user
        ), [['file', '/dev/null', 'r'], $log, $log], $unused) ?: null;
        for ($i = 0; $i < 200; ++$i) {
            try {
                $server->connection();
                return $server;
            } catch (PDOException $exception) {
                usleep(50000);
            }
        }
        $server->stop();
        throw new ParityTrouble("the database server did not start, see $directory/mysql.log");
    }

    public function connection(string $database = ''): PDO
    {
        $where = $this->socket !== '' ? "unix_socket=$this->socket" : "host=$this->host;port=$this->port";
        return new PDO(
            "mysql:$where;charset=utf8mb4" . ($database === '' ? '' : ";dbname=$database"),
            $this->user,
            $this->password,
            [
                PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
                PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
                PDO::ATTR_STRINGIFY_FETCHES => true,
            ]
        );
    }

    /** Makes an empty database; it is dropped by stop(). */
    public function create(string $name): void
    {
        $this->connection()->exec("CREATE DATABASE `$name` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
        $this->created[] = $name;
    }

    /** Tables and rows of one database into another, a new one. */
    public function copy(string $from, string $to): void
    {
        $this->create($to);
        $pdo = $this->connection($to);
        // The anonymous user's number is 0.
        $pdo->exec("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0");
        foreach (parity_rows($pdo, "SHOW TABLES FROM `$from`", PDO::FETCH_COLUMN) as $table) {
            $pdo->exec("CREATE TABLE `$table` LIKE `$from`.`$table`");
            $pdo->exec("INSERT INTO `$table` SELECT * FROM `$from`.`$table`");
        }
    }

    /** Drops what create() made, and ends a server of our own. */
    public function stop(bool $keep = false): void
    {
        try {
            foreach ($keep || $this->process !== null ? [] : $this->created as $name) {
                $this->connection()->exec("DROP DATABASE IF EXISTS `$name`");
            }
        } catch (PDOException $exception) {
            fwrite(STDERR, 'the databases stay: ' . $exception->getMessage() . "\n");
        }
        $this->created = [];
        if ($this->process !== null) {
            proc_terminate($this->process);
            proc_close($this->process);
            $this->process = null;
        }
    }
}

/**
 * All rows of a query, on a connection that throws.
 *
 * @return list<mixed>
 */
function parity_rows(PDO $database, string $sql, int $mode = PDO::FETCH_ASSOC): array
{
    $statement = $database->query($sql);
    return $statement === false ? [] : array_values($statement->fetchAll($mode) ?: []);
}
