<?php

/** Tables of SQLite that were made by hand and must come through schema changes unharmed. */

function by_hand($sql)
{
    foreach (explode(";\n", trim($sql)) as $statement) {
        Database::getConnection()->send($statement);
    }
}

function sql_of($name)
{
    return Database::getConnection()->send('SELECT sql FROM sqlite_master WHERE name = :name', array(':name' => $name))->fetchField();
}

return array(
    'a table as the schema array says' => function () {
        $prefix = Bench::$options['database']['prefix'];
        members(array());
        same(
            "CREATE TABLE \"{$prefix}member\" (\n  \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT CHECK (\"id\" >= 0),\n"
            . "  \"name\" VARCHAR(60) NOT NULL DEFAULT '' COLLATE NOCASE,\n  \"age\" INT,\n"
            . "  \"town\" VARCHAR(60) NOT NULL DEFAULT 'Bern' COLLATE NOCASE\n)",
            sql_of($prefix . 'member')
        );
        same("CREATE UNIQUE INDEX \"{$prefix}member_name\" ON \"{$prefix}member\" (\"name\")", sql_of($prefix . 'member_name'));
    },
    'a rebuilt table is what it was made from' => function () {
        $prefix = Bench::$options['database']['prefix'];
        members();
        $before = array(sql_of($prefix . 'member'), sql_of($prefix . 'member_name'), sql_of($prefix . 'member_age'));
        db_add_field('member', 'x', array('type' => 'int'), array('indexes' => array('x' => array('x'))));
        db_drop_field('member', 'x');
        same($before, array(sql_of($prefix . 'member'), sql_of($prefix . 'member_name'), sql_of($prefix . 'member_age')));
    },
    'hand-made constraints survive a rebuild' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (id INTEGER PRIMARY KEY, [odd name] TEXT COLLATE RTRIM DEFAULT 'x, (y)',
  `n` NUMERIC(10,2) NOT NULL DEFAULT -1.5e3, made TEXT DEFAULT (date('now')), k INT CHECK (k IN (1, 2, 3) AND k <> 9)
  REFERENCES other (id) ON DELETE SET NULL, g INT GENERATED ALWAYS AS (k * 2) STORED, a TEXT UNIQUE, b TEXT,
  CONSTRAINT both UNIQUE (a, b), CHECK (length(b) < 100), FOREIGN KEY (b) REFERENCES other(b) ON UPDATE CASCADE)");
        Database::getConnection()->send("INSERT INTO {$prefix}h (k, a, b) VALUES (2, 'A', 'B')");
        db_change_field('h', 'b', 'c', array('type' => 'text'));
        same(
            "CREATE TABLE \"{$prefix}h\" (\n  \"id\" INTEGER,\n  \"odd name\" TEXT DEFAULT 'x, (y)' COLLATE RTRIM,\n"
            . "  \"n\" NUMERIC(10, 2) NOT NULL DEFAULT -1.5e3,\n  \"made\" TEXT DEFAULT (date ('now')),\n"
            . "  \"k\" INT CHECK (k IN (1, 2, 3) AND k <> 9) REFERENCES other (id) ON DELETE SET NULL,\n"
            . "  \"g\" INT GENERATED ALWAYS AS (k * 2) STORED,\n  \"a\" TEXT,\n  \"c\" TEXT COLLATE NOCASE,\n  PRIMARY KEY (\"id\"),\n"
            . "  UNIQUE (\"a\"),\n  UNIQUE (\"a\", \"c\"),\n  CHECK (length (\"c\") < 100),\n"
            . "  FOREIGN KEY (\"c\") REFERENCES other (b) ON UPDATE CASCADE\n)",
            sql_of($prefix . 'h')
        );
        $row = db_query('SELECT n, k, g, a, c FROM {h}')->fetchAssoc();
        same(array('n' => '-1500', 'k' => '2', 'g' => '4', 'a' => 'A', 'c' => 'B'), $row);
        throws('PDOException', function () {
            db_insert('h')->fields(array('k' => 9))->execute();
        });
        same('2', (string) db_insert('h')->fields(array('k' => 1))->execute());
    },
    'indexes with expressions, order and conditions survive' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (a TEXT, b TEXT, c INT);
CREATE INDEX {$prefix}h_low ON {$prefix}h (lower(a), b COLLATE NOCASE DESC) WHERE b IS NOT NULL AND c > 0;
CREATE UNIQUE INDEX by_hand ON {$prefix}h (c)");
        db_change_field('h', 'b', 'd', array('type' => 'varchar', 'length' => 9));
        same(
            "CREATE INDEX \"{$prefix}h_low\" ON \"{$prefix}h\" (lower (a), \"d\" COLLATE NOCASE DESC) WHERE \"d\" IS NOT NULL AND c > 0",
            sql_of($prefix . 'h_low')
        );
        same(true, db_index_exists('h', 'by_hand'));
        same(true, db_drop_index('h', 'by_hand'));
        throws('BdupdateBareException', function () {
            db_drop_field('h', 'a');
        }, 'lower (a)');
    },
    'triggers and views survive' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (a INT, b INT);
CREATE TABLE {$prefix}log (a INT);
CREATE VIEW {$prefix}v AS SELECT a FROM {$prefix}h");
        Database::getConnection()->send("CREATE TRIGGER {$prefix}tr AFTER INSERT ON {$prefix}h BEGIN INSERT INTO {$prefix}log VALUES (NEW.a); END");
        db_drop_field('h', 'b');
        db_insert('h')->fields(array('a' => 5))->execute();
        same('5', db_query('SELECT a FROM {log}')->fetchField());
        same('5', db_query('SELECT a FROM {v}')->fetchField());
    },
    'other tables keep pointing to a rebuilt one' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (id INTEGER PRIMARY KEY, b INT);
CREATE TABLE {$prefix}child (h INT REFERENCES {$prefix}h (id))");
        db_drop_field('h', 'b');
        same("CREATE TABLE {$prefix}child (h INT REFERENCES {$prefix}h (id))", sql_of($prefix . 'child'));
    },
    'WITHOUT ROWID and STRICT survive' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (a TEXT NOT NULL PRIMARY KEY, b TEXT) WITHOUT ROWID, STRICT");
        db_insert('h')->fields(array('a' => 'x', 'b' => 'y'))->execute();
        db_field_set_default('h', 'b', 'z');
        same("CREATE TABLE \"{$prefix}h\" (\n  \"a\" TEXT NOT NULL,\n  \"b\" TEXT DEFAULT 'z',\n  PRIMARY KEY (\"a\")\n) WITHOUT ROWID, STRICT", sql_of($prefix . 'h'));
        same('y', db_query('SELECT b FROM {h}')->fetchField());
    },
    'ON CONFLICT is refused, and nothing changed' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (a INT UNIQUE ON CONFLICT IGNORE, b INT)");
        throws('BdupdateBareException', function () {
            db_drop_field('h', 'b');
        }, 'ON CONFLICT');
        same(true, db_field_exists('h', 'b'));
    },
    'a foreign key needs its field' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (a INT, b INT, FOREIGN KEY (b) REFERENCES x (y))");
        throws('BdupdateBareException', function () {
            db_drop_field('h', 'b');
        }, 'FOREIGN KEY');
    },
    'the last field stays' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}h (a INT)");
        throws('PDOException', function () {
            db_drop_field('h', 'a');
        });
    },
    'names in any case are found' => function () {
        $prefix = Bench::$options['database']['prefix'];
        by_hand("CREATE TABLE {$prefix}H (A INT, B INT)");
        same(true, db_table_exists('h') && db_field_exists('h', 'b'));
        db_change_field('h', 'b', 'c', array('type' => 'int'));
        same("CREATE TABLE \"{$prefix}H\" (\n  \"A\" INT,\n  \"c\" INT\n)", sql_of($prefix . 'H'));
    },
    'a field named like a table or a number' => function () {
        db_create_table('t', array('fields' => array(
            't' => array('type' => 'int'), 'order' => array('type' => 'int'), '2nd' => array('type' => 'int'),
        ), 'primary key' => array('order')));
        db_insert('t')->fields(array('t' => 1, 'order' => 2, '2nd' => 3))->execute();
        db_drop_field('t', 't');
        same(array('order' => '2', '2nd' => '3'), db_query('SELECT * FROM {t}')->fetchAssoc());
    },
    'a missing database file is not made' => function () {
        throws('BdupdateBareException', function () {
            Bench::site(array('driver' => 'sqlite', 'database' => Bench::$root . '/nothing.sqlite'));
        }, 'no such file');
        same(false, file_exists(Bench::$root . '/nothing.sqlite'));
        Bench::$site = Bench::site(array('driver' => 'sqlite', 'database' => Bench::$root . '/site.sqlite'));
    },
);
