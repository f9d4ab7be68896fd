<?php

/** A table with a bit of everything. */
function everything()
{
    return array(
        'description' => 'Everything.',
        'fields' => array(
            'id' => array('type' => 'serial', 'unsigned' => true, 'not null' => true),
            'tiny' => array('type' => 'int', 'size' => 'tiny', 'not null' => true, 'default' => 0),
            'small' => array('type' => 'int', 'size' => 'small'),
            'medium' => array('type' => 'int', 'size' => 'medium', 'unsigned' => true, 'not null' => true, 'default' => 5),
            'big' => array('type' => 'int', 'size' => 'big'),
            'ratio' => array('type' => 'float', 'not null' => true, 'default' => 0.5),
            'wide' => array('type' => 'float', 'size' => 'big'),
            'price' => array('type' => 'numeric', 'precision' => 10, 'scale' => 2, 'not null' => true, 'default' => 0),
            'name' => array('type' => 'varchar', 'length' => 100, 'not null' => true, 'default' => "it's"),
            'code' => array('type' => 'char', 'length' => 4),
            'exact' => array('type' => 'varchar', 'length' => 32, 'binary' => true, 'not null' => true, 'default' => ''),
            'body' => array('type' => 'text', 'not null' => false),
            'long_body' => array('type' => 'text', 'size' => 'big', 'not null' => false),
            'data' => array('type' => 'blob', 'size' => 'big', 'not null' => false),
            'day' => array('type' => 'date'),
            'moment' => array('type' => 'datetime'),
            'hour' => array('type' => 'time'),
        ),
        'primary key' => array('id'),
        'unique keys' => array('name' => array('name'), 'pair' => array('tiny', 'code')),
        'indexes' => array('small' => array('small'), 'body' => array(array('body', 20), 'tiny')),
    );
}

function simple(array $spec = array())
{
    db_create_table('t', $spec + array('fields' => array(
        'a' => array('type' => 'int', 'not null' => true, 'default' => 0),
        'b' => array('type' => 'varchar', 'length' => 20),
    )));
}

/** Name => [nullable, default] of a table's columns, the same on both databases. */
function columns($table)
{
    $connection = Database::getConnection();
    $found = array();
    if (sqlite()) {
        foreach ($connection->send('PRAGMA table_info(' . $connection->fullName($table) . ')') as $row) {
            $default = $row->dflt_value === null ? null : trim($row->dflt_value, "'");
            $found[$row->name] = array($row->notnull === '0', $default);
        }
        return $found;
    }
    foreach ($connection->query('SHOW COLUMNS FROM {' . $table . '}') as $row) {
        $found[$row->Field] = array($row->Null === 'YES', $row->Default);
    }
    return $found;
}

function fill($count)
{
    for ($i = 1; $i <= $count; $i++) {
        db_insert('t')->fields(array('a' => $i, 'b' => "row $i"))->execute();
    }
}

return array(
    'create a table with everything' => function () {
        db_create_table('everything', everything());
        same(true, db_table_exists('everything'));
        $columns = columns('everything');
        same(17, count($columns));
        same(array(false, '0'), $columns['tiny']);
        same(array(true, null), $columns['small']);
        same(array(false, '5'), $columns['medium']);
        same(true, db_index_exists('everything', 'PRIMARY'));
        same(true, db_index_exists('everything', 'name'));
        same(true, db_index_exists('everything', 'body'));
        same(false, db_index_exists('everything', 'nothing'));
    },
    'values of every type come back' => function () {
        db_create_table('everything', everything());
        $row = array(
            'tiny' => '-3', 'small' => '-30000', 'medium' => '16000000', 'big' => '9007199254740993', 'wide' => '0.1',
            'name' => 'Zoë', 'code' => 'abcd', 'exact' => 'X', 'body' => "a\nb", 'long_body' => str_repeat('long ', 20000),
            'data' => "\x00\x01\xff", 'day' => '2014-05-06', 'moment' => '2014-05-06 07:08:09', 'hour' => '07:08:09',
        );
        db_insert('everything')->fields($row)->execute();
        $read = db_query('SELECT * FROM {everything}')->fetchAssoc();
        same('1', $read['id']);
        same($row, array_intersect_key($read, $row));
        same("it's", everything()['fields']['name']['default']);
        same('0.5', $read['ratio']);
    },
    'defaults with quotes' => function () {
        db_create_table('everything', everything());
        db_insert('everything')->fields(array('code' => 'x'))->execute();
        same("it's", db_query('SELECT name FROM {everything}')->fetchField());
    },
    'numeric keeps its value' => function () {
        db_create_table('everything', everything());
        db_insert('everything')->fields(array('price' => '12.50'))->execute();
        same(12.5, (float) db_query('SELECT price FROM {everything}')->fetchField());
    },
    'unsigned refuses negative numbers' => function () {
        db_create_table('everything', everything());
        throws('PDOException', function () {
            db_insert('everything')->fields(array('medium' => -1))->execute();
        });
    },
    'unique keys are unique, whatever the case' => function () {
        db_create_table('everything', everything());
        db_insert('everything')->fields(array('name' => 'same', 'tiny' => 1))->execute();
        throws('PDOException', function () {
            db_insert('everything')->fields(array('name' => 'SAME', 'tiny' => 2))->execute();
        });
    },
    'unique keys let NULL stand twice' => function () {
        db_create_table('everything', everything());
        db_insert('everything')->fields(array('name' => 'a'))->execute();
        db_insert('everything')->fields(array('name' => 'b'))->execute();
        same('2', db_query('SELECT COUNT(*) FROM {everything}')->fetchField());
    },
    'binary text has its case' => function () {
        db_create_table('everything', everything());
        db_insert('everything')->fields(array('name' => 'a', 'exact' => 'x'))->execute();
        same('0', db_query('SELECT COUNT(*) FROM {everything} WHERE exact = :x', array(':x' => 'X'))->fetchField());
        same('1', db_query('SELECT COUNT(*) FROM {everything} WHERE name = :x', array(':x' => 'A'))->fetchField());
    },
    'create a table twice' => function () {
        simple();
        throws('DatabaseSchemaObjectExistsException', function () {
            simple();
        }, 'table t exists already');
    },
    'an unknown type is an error' => function () {
        throws('BdupdateBareException', function () {
            db_create_table('x', array('fields' => array('a' => array('type' => 'int', 'size' => 'giant'))));
        }, 'field a');
    },
    'a table without fields is an error' => function () {
        throws('BdupdateBareException', function () {
            db_create_table('x', array('fields' => array()));
        });
    },
    'drop a table' => function () {
        simple();
        same(true, db_drop_table('t'));
        same(false, db_drop_table('t'));
        same(false, db_table_exists('t'));
    },
    'rename a table with its rows and indexes' => function () {
        simple(array('indexes' => array('b' => array('b')), 'primary key' => array('a')));
        fill(2);
        db_rename_table('t', 'u');
        same(false, db_table_exists('t'));
        same(array('1' => 'row 1', '2' => 'row 2'), db_query('SELECT a, b FROM {u} ORDER BY a')->fetchAllKeyed());
        same(true, db_index_exists('u', 'b'));
        same(true, db_index_exists('u', 'PRIMARY'));
        simple(array('indexes' => array('b' => array('b'))));
    },
    'rename a table to one that exists' => function () {
        simple();
        db_create_table('u', array('fields' => array('a' => array('type' => 'int'))));
        throws('DatabaseSchemaObjectExistsException', function () {
            db_rename_table('t', 'u');
        });
        throws('DatabaseSchemaObjectDoesNotExistException', function () {
            db_rename_table('v', 'w');
        });
    },
    'find tables' => function () {
        $prefix = Bench::$options['database']['prefix'];
        db_create_table('cache_a', array('fields' => array('a' => array('type' => 'int'))));
        db_create_table('cache_b', array('fields' => array('a' => array('type' => 'int'))));
        db_create_table('cachet', array('fields' => array('a' => array('type' => 'int'))));
        same(array($prefix . 'cache_a', $prefix . 'cache_b'), array_values(db_find_tables($prefix . 'cache\_%')));
    },
    'field names' => function () {
        same(array('a', 'b'), db_field_names(array('a', array('b', 20))));
    },
    'add a field' => function () {
        simple();
        fill(1);
        db_add_field('t', 'c', array('type' => 'varchar', 'length' => 10, 'not null' => true, 'default' => 'new'));
        same('new', db_query('SELECT c FROM {t}')->fetchField());
        same(true, db_field_exists('t', 'c'));
        same(false, db_field_exists('t', 'd'));
        same(array(false, 'new'), columns('t')['c']);
    },
    'add a field that may be NULL' => function () {
        simple();
        fill(1);
        db_add_field('t', 'c', array('type' => 'int'));
        same(null, db_query('SELECT c FROM {t}')->fetchField());
    },
    'add a field with an initial value' => function () {
        simple();
        fill(2);
        db_add_field('t', 'c', array('type' => 'int', 'not null' => true, 'default' => 1, 'initial' => 7));
        same(array('7', '7'), db_query('SELECT c FROM {t}')->fetchCol());
        fill(1);
        same('1', db_query('SELECT MIN(c) FROM {t}')->fetchField());
    },
    'add a NOT NULL field without default, with an initial value' => function () {
        simple();
        fill(2);
        db_add_field('t', 'c', array('type' => 'int', 'not null' => true, 'initial' => 7));
        same(array('7', '7'), db_query('SELECT c FROM {t}')->fetchCol());
        same(array(false, null), columns('t')['c']);
    },
    'add a NOT NULL field without anything, to an empty table' => function () {
        simple();
        db_add_field('t', 'c', array('type' => 'int', 'not null' => true));
        same(array(false, null), columns('t')['c']);
    },
    'add a NOT NULL field without anything, to rows' => function () {
        simple();
        fill(1);
        throws('PDOException', function () {
            db_add_field('t', 'c', array('type' => 'int', 'not null' => true));
        });
    },
    'add a field with keys' => function () {
        simple();
        db_add_field('t', 'c', array('type' => 'int', 'not null' => false), array(
            'unique keys' => array('c' => array('c')), 'indexes' => array('cb' => array('c', 'b')),
        ));
        same(true, db_index_exists('t', 'c'));
        same(true, db_index_exists('t', 'cb'));
    },
    'add a serial with its primary key' => function () {
        simple();
        fill(3);
        db_add_field('t', 'id', array('type' => 'serial', 'unsigned' => true, 'not null' => true), array('primary key' => array('id')));
        same(array('1', '2', '3'), db_query('SELECT id FROM {t} ORDER BY a')->fetchCol());
        same('4', (string) db_insert('t')->fields(array('a' => 9))->execute());
        same(true, db_index_exists('t', 'PRIMARY'));
    },
    'add a field twice, or to no table' => function () {
        simple();
        throws('DatabaseSchemaObjectExistsException', function () {
            db_add_field('t', 'b', array('type' => 'int'));
        });
        throws('DatabaseSchemaObjectDoesNotExistException', function () {
            db_add_field('u', 'b', array('type' => 'int'));
        });
    },
    'drop a field' => function () {
        simple();
        fill(2);
        same(true, db_drop_field('t', 'b'));
        same(false, db_drop_field('t', 'b'));
        same(array('1', '2'), db_query('SELECT a FROM {t} ORDER BY a')->fetchCol());
        same(array('a'), array_keys(columns('t')));
    },
    'drop a field that stands in indexes' => function () {
        simple(array('indexes' => array('b' => array('b'), 'ba' => array('b', 'a'))));
        db_drop_field('t', 'b');
        same(false, db_index_exists('t', 'b'));
        same(true, db_index_exists('t', 'ba'));
    },
    'change a field' => function () {
        simple();
        fill(1);
        db_change_field('t', 'b', 'b', array('type' => 'varchar', 'length' => 200, 'not null' => true, 'default' => 'd'));
        same('row 1', db_query('SELECT b FROM {t}')->fetchField());
        same(array(false, 'd'), columns('t')['b']);
        same(array('a', 'b'), array_keys(columns('t')));
    },
    'rename a field with its indexes' => function () {
        simple(array('primary key' => array('a'), 'indexes' => array('b' => array('b')), 'unique keys' => array('ba' => array('b', 'a'))));
        fill(2);
        db_change_field('t', 'b', 'name', array('type' => 'varchar', 'length' => 20));
        same(array('a', 'name'), array_keys(columns('t')));
        same(array('row 1', 'row 2'), db_query('SELECT name FROM {t} ORDER BY a')->fetchCol());
        same(true, db_index_exists('t', 'b') && db_index_exists('t', 'ba') && db_index_exists('t', 'PRIMARY'));
        db_change_field('t', 'a', 'key', array('type' => 'int', 'not null' => true));
        throws('PDOException', function () {
            db_insert('t')->fields(array('key' => 1, 'name' => 'x'))->execute();
        });
    },
    'change text to number and back' => function () {
        simple();
        db_insert('t')->fields(array('a' => 1, 'b' => '42'))->execute();
        db_change_field('t', 'b', 'b', array('type' => 'int'));
        same('43', db_query('SELECT b + 1 FROM {t}')->fetchField());
        db_change_field('t', 'b', 'b', array('type' => 'varchar', 'length' => 10));
        same('42', db_query('SELECT b FROM {t}')->fetchField());
    },
    'change NULL rows to NOT NULL' => function () {
        simple();
        db_insert('t')->fields(array('a' => 1))->execute();
        throws('PDOException', function () {
            db_change_field('t', 'b', 'b', array('type' => 'varchar', 'length' => 20, 'not null' => true, 'default' => ''));
        });
    },
    'change an int to a serial' => function () {
        simple();
        fill(3);
        db_change_field('t', 'a', 'id', array('type' => 'serial', 'not null' => true), array('primary key' => array('id')));
        same('4', (string) db_insert('t')->fields(array('b' => 'x'))->execute());
    },
    'change a serial to an int' => function () {
        db_create_table('t', array(
            'fields' => array('id' => array('type' => 'serial', 'not null' => true), 'b' => array('type' => 'int')),
            'primary key' => array('id'),
        ));
        db_insert('t')->fields(array('b' => 1))->execute();
        db_change_field('t', 'id', 'id', array('type' => 'int', 'not null' => true, 'default' => 0));
        db_drop_primary_key('t');
        db_add_primary_key('t', array('id', 'b'));
        db_insert('t')->fields(array('id' => 1, 'b' => 2))->execute();
        same('2', db_query('SELECT COUNT(*) FROM {t}')->fetchField());
    },
    'change a field and add keys' => function () {
        simple();
        db_change_field('t', 'b', 'b', array('type' => 'varchar', 'length' => 30), array('indexes' => array('b' => array(array('b', 10)))));
        same(true, db_index_exists('t', 'b'));
    },
    'change a field that is not there, or to one that is' => function () {
        simple();
        throws('DatabaseSchemaObjectDoesNotExistException', function () {
            db_change_field('t', 'c', 'c', array('type' => 'int'));
        });
        throws('DatabaseSchemaObjectExistsException', function () {
            db_change_field('t', 'a', 'b', array('type' => 'int'));
        });
    },
    'set and remove a default' => function () {
        simple();
        db_field_set_default('t', 'b', "o'clock");
        db_insert('t')->fields(array('a' => 1))->execute();
        same("o'clock", db_query('SELECT b FROM {t}')->fetchField());
        db_field_set_default('t', 'a', 5);
        same(array(false, '5'), columns('t')['a']);
        db_field_set_no_default('t', 'a');
        same(array(false, null), columns('t')['a']);
        throws('PDOException', function () {
            db_insert('t')->fields(array('b' => 'x'))->execute();
        });
        throws('DatabaseSchemaObjectDoesNotExistException', function () {
            db_field_set_default('t', 'x', 1);
        });
        throws('DatabaseSchemaObjectDoesNotExistException', function () {
            db_field_set_no_default('t', 'x');
        });
    },
    'primary key' => function () {
        simple();
        fill(2);
        same(false, db_drop_primary_key('t'));
        db_add_primary_key('t', array('a', 'b'));
        same(true, db_index_exists('t', 'PRIMARY'));
        throws('DatabaseSchemaObjectExistsException', function () {
            db_add_primary_key('t', array('a'));
        });
        throws('PDOException', function () {
            db_insert('t')->fields(array('a' => 1, 'b' => 'row 1'))->execute();
        });
        same(true, db_drop_primary_key('t'));
        db_insert('t')->fields(array('a' => 1, 'b' => 'row 1'))->execute();
        same(array(false, null), columns('t')['b']);
    },
    'the primary key of a serial stays' => function () {
        members();
        throws('PDOException', function () {
            db_drop_primary_key('member');
        });
    },
    'unique key' => function () {
        simple();
        fill(2);
        db_add_unique_key('t', 'b', array('b'));
        throws('PDOException', function () {
            db_insert('t')->fields(array('a' => 3, 'b' => 'row 1'))->execute();
        });
        throws('DatabaseSchemaObjectExistsException', function () {
            db_add_unique_key('t', 'b', array('a'));
        });
        same(true, db_drop_unique_key('t', 'b'));
        same(false, db_drop_unique_key('t', 'b'));
        db_insert('t')->fields(array('a' => 3, 'b' => 'row 1'))->execute();
    },
    'unique key over rows that are not' => function () {
        simple();
        db_insert('t')->fields(array('a', 'b'))->values(array(1, 'x'))->values(array(2, 'x'))->execute();
        throws('PDOException', function () {
            db_add_unique_key('t', 'b', array('b'));
        });
    },
    'index' => function () {
        simple();
        db_add_index('t', 'ab', array('a', array('b', 5)));
        same(true, db_index_exists('t', 'ab'));
        throws('DatabaseSchemaObjectExistsException', function () {
            db_add_index('t', 'ab', array('a'));
        });
        throws('DatabaseSchemaObjectDoesNotExistException', function () {
            db_add_index('u', 'ab', array('a'));
        });
        same(true, db_drop_index('t', 'ab'));
        same(false, db_drop_index('t', 'ab'));
    },
    'indexes of one name on two tables' => function () {
        simple(array('indexes' => array('b' => array('b'))));
        db_create_table('u', array('fields' => array('b' => array('type' => 'int')), 'indexes' => array('b' => array('b'))));
        db_drop_index('t', 'b');
        same(false, db_index_exists('t', 'b'));
        same(true, db_index_exists('u', 'b'));
    },
    'the serial goes on after schema changes' => function () {
        members();
        db_delete('member')->condition('id', 4)->execute();
        db_change_field('member', 'town', 'place', array('type' => 'varchar', 'length' => 99, 'not null' => true, 'default' => ''));
        db_drop_field('member', 'age');
        same('5', (string) db_insert('member')->fields(array('name' => 'Eva'))->execute());
    },
    'many schema changes in a row keep every row' => function () {
        members();
        db_add_field('member', 'x', array('type' => 'int', 'not null' => true, 'default' => 3));
        db_change_field('member', 'x', 'y', array('type' => 'varchar', 'length' => 9, 'not null' => true, 'default' => '3'));
        db_add_index('member', 'y', array('y'));
        db_drop_unique_key('member', 'name');
        db_change_field('member', 'name', 'full_name', array('type' => 'varchar', 'length' => 90, 'not null' => true, 'default' => ''));
        db_add_unique_key('member', 'full_name', array('full_name'));
        db_drop_index('member', 'age');
        db_rename_table('member', 'person');
        db_drop_field('person', 'age');
        db_rename_table('person', 'member');
        $rows = db_query('SELECT * FROM {member} ORDER BY id')->fetchAll(PDO::FETCH_ASSOC);
        same(array('id' => '2', 'full_name' => 'Bea', 'town' => 'Bern', 'y' => '3'), $rows[1]);
        same(4, count($rows));
        same(true, db_index_exists('member', 'full_name') && db_index_exists('member', 'y'));
    },
    'the schema is in the connection too' => function () {
        simple();
        same(true, Database::getConnection()->schema()->fieldExists('t', 'a'));
        same(true, Database::getConnection()->schema()->tableExists('t'));
    },
    'a serial beside another primary key' => function () {
        db_create_table('t', array(
            'fields' => array(
                'id' => array('type' => 'serial', 'not null' => true),
                'a' => array('type' => 'int', 'not null' => true, 'default' => 0),
            ),
            'primary key' => array('a', 'id'),
            'indexes' => array('id' => array('id')),
        ));
        same('1', (string) db_insert('t')->fields(array('a' => 1))->execute());
        same('2', (string) db_insert('t')->fields(array('a' => 1))->execute());
        db_add_field('t', 'x', array('type' => 'int', 'not null' => true, 'initial' => 1));
        same('3', (string) db_insert('t')->fields(array('a' => 1, 'x' => 2))->execute());
        same(true, db_index_exists('t', 'PRIMARY'));
    },
);
