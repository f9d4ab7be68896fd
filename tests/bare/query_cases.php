<?php

return array(
    'query gives objects of strings' => function () {
        members();
        $row = db_query('SELECT id, name, age FROM {member} WHERE id = :id', array(':id' => 2))->fetch();
        same(array('id' => '2', 'name' => 'Bea', 'age' => '21'), (array) $row);
    },
    'query loops over rows once' => function () {
        members();
        $result = db_query('SELECT name FROM {member} ORDER BY id');
        $first = array();
        foreach ($result as $row) {
            $first[] = $row->name;
        }
        same(array('Ada', 'Bea', 'Cleo', 'Dora'), $first);
        same(false, $result->fetch());
    },
    'foreach goes on after fetch' => function () {
        members();
        $result = db_query('SELECT name FROM {member} ORDER BY id');
        $result->fetchField();
        $rest = array();
        foreach ($result as $row) {
            $rest[] = $row->name;
        }
        same(array('Bea', 'Cleo', 'Dora'), $rest);
    },
    'fetchAssoc' => function () {
        members();
        same(array('name' => 'Ada', 'age' => '20'), db_query('SELECT name, age FROM {member} ORDER BY id')->fetchAssoc());
    },
    'fetchField and its index' => function () {
        members();
        same('Ada', db_query('SELECT name, age FROM {member} ORDER BY id')->fetchField());
        same('20', db_query('SELECT name, age FROM {member} ORDER BY id')->fetchField(1));
    },
    'fetchField without a row is FALSE' => function () {
        members(array());
        same(false, db_query('SELECT name FROM {member}')->fetchField());
    },
    'NULL stays NULL' => function () {
        members();
        db_update('member')->fields(array('age' => null))->condition('id', 1)->execute();
        same(null, db_query('SELECT age FROM {member} WHERE id = 1')->fetchField());
    },
    'fetchCol' => function () {
        members();
        same(array('20', '21', '22', '23'), db_query('SELECT name, age FROM {member} ORDER BY id')->fetchCol(1));
    },
    'fetchAllKeyed' => function () {
        members();
        $all = db_query('SELECT id, name FROM {member} WHERE id < 3 ORDER BY id')->fetchAllKeyed();
        same(array(1 => 'Ada', 2 => 'Bea'), $all);
        same(array('Ada' => '1'), db_query('SELECT id, name FROM {member} WHERE id = 1')->fetchAllKeyed(1, 0));
    },
    'fetchAllAssoc' => function () {
        members();
        $all = db_query('SELECT id, name FROM {member} ORDER BY id')->fetchAllAssoc('name');
        same('3', $all['Cleo']->id);
        $all = db_query('SELECT id, name FROM {member} ORDER BY id')->fetchAllAssoc('id', PDO::FETCH_ASSOC);
        same(array('id' => '4', 'name' => 'Dora'), $all[4]);
    },
    'fetchAll gives objects' => function () {
        members();
        $all = db_query('SELECT name FROM {member} ORDER BY id')->fetchAll();
        same(4, count($all));
        same('Dora', $all[3]->name);
    },
    'fetchAll by mode' => function () {
        members();
        $all = db_query('SELECT id, name FROM {member} WHERE id = 1')->fetchAll(PDO::FETCH_NUM);
        same(array(array('1', 'Ada')), $all);
        same(array('1' => 'Ada'), db_query('SELECT id, name FROM {member} WHERE id = 1')->fetchAll(PDO::FETCH_KEY_PAIR));
        same(array('1'), db_query('SELECT id, name FROM {member} WHERE id = 1')->fetchAll(PDO::FETCH_COLUMN));
    },
    'fetchObject' => function () {
        members();
        same('Ada', db_query('SELECT name FROM {member} ORDER BY id')->fetchObject()->name);
    },
    'fetch option array' => function () {
        members();
        $result = db_query('SELECT name FROM {member} WHERE id = 1', array(), array('fetch' => PDO::FETCH_ASSOC));
        foreach ($result as $row) {
            same(array('name' => 'Ada'), $row);
        }
    },
    'fetch option class' => function () {
        members();
        if (!class_exists('ClubMember')) {
            eval('class ClubMember { public $name; public $seen; function __construct() { $this->seen = $this->name; } }');
        }
        $row = db_query('SELECT name FROM {member} WHERE id = 1', array(), array('fetch' => 'ClubMember'))->fetch();
        same('ClubMember', get_class($row));
        same('Ada', $row->seen);
    },
    'rowCount of a SELECT' => function () {
        members();
        same(4, db_query('SELECT name FROM {member}')->rowCount());
    },
    'rowCount of an UPDATE' => function () {
        members();
        same(2, db_query('UPDATE {member} SET age = 1 WHERE id > 2')->rowCount());
    },
    'array placeholders expand' => function () {
        members();
        $result = db_query('SELECT name FROM {member} WHERE id IN (:ids) ORDER BY id', array(':ids' => array(1, 3)));
        same(array('Ada', 'Cleo'), $result->fetchCol());
    },
    'array placeholders leave longer names alone' => function () {
        members();
        $args = array(':id' => array(1, 2, 3), ':id_min' => 2);
        $result = db_query('SELECT name FROM {member} WHERE id IN (:id) AND id >= :id_min ORDER BY id', $args);
        same(array('Bea', 'Cleo'), $result->fetchCol());
    },
    'an empty array placeholder is an error' => function () {
        members();
        throws('PDOException', function () {
            db_query('SELECT name FROM {member} WHERE id IN (:ids)', array(':ids' => array()));
        });
    },
    'a placeholder without argument is an error' => function () {
        members();
        throws('PDOException', function () {
            db_query('SELECT name FROM {member} WHERE id = :id AND age = :age', array(':id' => 1));
        }, 'HY093');
    },
    'an argument without placeholder is an error' => function () {
        members();
        throws('PDOException', function () {
            db_query('SELECT name FROM {member} WHERE id = :id', array(':id' => 1, ':age' => 2));
        }, 'HY093');
    },
    'one placeholder may stand twice' => function () {
        members();
        $args = array(':n' => 2);
        same(array('Bea'), db_query('SELECT name FROM {member} WHERE id = :n OR age = :n', $args)->fetchCol());
    },
    'colons in strings are no placeholders' => function () {
        members();
        same('a:b', db_query("SELECT 'a:b' FROM {member} WHERE id = :id", array(':id' => 1))->fetchField());
    },
    'db_query_range' => function () {
        members();
        same(array('Bea', 'Cleo'), db_query_range('SELECT name FROM {member} ORDER BY id', 1, 2)->fetchCol());
    },
    'db_query_temporary' => function () {
        members();
        $table = db_query_temporary('SELECT name FROM {member} WHERE id > :id', array(':id' => 2));
        same('2', db_query('SELECT COUNT(*) FROM {' . $table . '}')->fetchField());
    },
    'throw_exception FALSE gives NULL' => function () {
        members();
        same(null, db_query('SELECT nothing FROM {nowhere}', array(), array('throw_exception' => false)));
    },
    'a bad statement throws PDOException with the query' => function () {
        members();
        $error = throws('PDOException', function () {
            db_query('SELECT nothing FROM {nowhere} WHERE x = :x', array(':x' => 1));
        });
        same('SELECT nothing FROM {nowhere} WHERE x = :x', $error->errorInfo['query_string']);
    },
    'a duplicate key has SQLSTATE 23000' => function () {
        members();
        $error = throws('PDOException', function () {
            db_insert('member')->fields(array('name' => 'Ada'))->execute();
        });
        same('23000', (string) $error->getCode());
    },
    'text is unicode' => function () {
        members(array('Zoë 😀'));
        same('Zoë 😀', db_query('SELECT name FROM {member}')->fetchField());
    },
    'bytes with NUL come back' => function () {
        db_create_table('bin', array('fields' => array('data' => array('type' => 'blob', 'size' => 'big'))));
        $bytes = serialize(new ArrayObject(array("a\0b"))) . "\0\xff";
        db_insert('bin')->fields(array('data' => $bytes))->execute();
        same($bytes, db_query('SELECT data FROM {bin}')->fetchField());
    },
    'numbers compare with expressions' => function () {
        members();
        same('4', db_query('SELECT COUNT(*) FROM {member} HAVING COUNT(*) > :n', array(':n' => 3))->fetchField());
        same(array('Bea'), db_query('SELECT name FROM {member} WHERE id + 1 = :n', array(':n' => 3))->fetchCol());
    },
    'equality ignores case' => function () {
        members();
        same('Ada', db_query('SELECT name FROM {member} WHERE name = :name', array(':name' => 'aDA'))->fetchField());
    },
    'LIKE ignores case' => function () {
        members();
        same('Ada', db_query('SELECT name FROM {member} WHERE name LIKE :name', array(':name' => 'aD%'))->fetchField());
    },
    'db_like takes wildcards literally' => function () {
        members(array('100%', '1000', 'a_b', 'axb', 'c\\d'));
        $find = function ($text) {
            $args = array(':name' => db_like($text) . '%');
            return db_query('SELECT name FROM {member} WHERE name LIKE :name ORDER BY id', $args)->fetchCol();
        };
        same(array('100%'), $find('100%'));
        same(array('a_b'), $find('a_'));
        same(array('c\\d'), $find('c\\'));
    },
    'functions of MySQL' => function () {
        members();
        $one = function ($expression) {
            return db_query("SELECT $expression FROM {member} WHERE id = 1")->fetchField();
        };
        same('Ada is 20', $one("CONCAT(name, ' is ', age)"));
        same('da', $one('SUBSTRING(name, 2)'));
        same('d', $one('SUBSTRING(name, 2, 1)'));
        same('a.b', $one("SUBSTRING_INDEX('a.b.c', '.', 2)"));
        same('c', $one("SUBSTRING_INDEX('a.b.c', '.', -1)"));
        same('yes', $one("IF(age > 10, 'yes', 'no')"));
        same('7', $one('GREATEST(3, 7, 5)'));
        same('3', $one('LEAST(3, 7, 5)'));
        same('1', $one('MOD(7, 3)'));
        same('2', $one("LENGTH('é')"));
        same('1', $one("CHAR_LENGTH('é')"));
        same(md5('Ada'), $one('MD5(name)'));
        same('2', $one("LOCATE('da', name)"));
        same('2', $one("FIND_IN_SET('b', 'a,b,c')"));
        same('a-b', $one("CONCAT_WS('-', 'a', NULL, 'b')"));
        same(null, $one("CONCAT('a', NULL)"));
        same('ADA', $one('UPPER(name)'));
        same('1', $one("name REGEXP '^a.a$'"));
        same('x', $one("COALESCE(NULL, 'x')"));
        same('3', $one('FLOOR(3.7)'));
        same('4', $one('CEIL(3.2)'));
    },
    'table prefixes' => function () {
        $prefix = Bench::$options['database']['prefix'];
        members();
        same(array($prefix . 'member' => $prefix . 'member'), db_find_tables($prefix . 'memb%'));
        same("SELECT * FROM `{$prefix}member`", Database::getConnection()->prefixTables('SELECT * FROM {member}'));
    },
    'a prefix for one table' => function () {
        $connection = Database::getConnection();
        $options = Bench::$options['database'];
        if (sqlite()) {
            $options['database'] = Bench::$root . '/site.sqlite';
        }
        $options['prefix'] = array('default' => 'a_', 'users' => 'shared_');
        $class = get_class($connection);
        $other = new $class($options);
        same('SELECT `shared_users`.x FROM `a_node`, `shared_users`', $other->prefixTables('SELECT {users}.x FROM {node}, {users}'));
        same('shared_users', $other->fullName('users'));
    },
    'db_driver' => function () {
        same(Bench::$options['database']['driver'], db_driver());
    },
    'escaping' => function () {
        same('`age`', db_escape_field('a g;e'));
        same('`m`.`age`', db_escape_field('m.age'));
        same('member', db_escape_table('mem`ber'));
    },
    'db_next_id counts on' => function () {
        db_create_table('sequences', array(
            'fields' => array('value' => array('type' => 'serial', 'unsigned' => true, 'not null' => true)),
            'primary key' => array('value'),
        ));
        $first = db_next_id();
        same('1', (string) $first);
        same('2', (string) db_next_id());
        same('51', (string) db_next_id(50));
    },
    'Database::getConnection of an unknown key' => function () {
        throws('DatabaseConnectionNotDefinedException', function () {
            Database::getConnection('default', 'other');
        });
        same(true, Database::isActiveConnection());
        same(false, isset(Database::getConnectionInfo()['default']['password']));
    },
    'a schema change under an open loop' => function () {
        members();
        foreach (db_query('SELECT id FROM {member} ORDER BY id') as $row) {
            db_add_field('member', 'f' . $row->id, array('type' => 'int'));
        }
        same(true, db_field_exists('member', 'f4'));
    },
);
