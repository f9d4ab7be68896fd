<?php

return array(
    'select fields' => function () {
        members();
        $row = db_select('member', 'm')->fields('m', array('name', 'age'))->condition('id', 1)->execute()->fetchAssoc();
        same(array('name' => 'Ada', 'age' => '20'), $row);
    },
    'select all fields' => function () {
        members();
        $row = db_select('member', 'm')->fields('m')->condition('m.id', 1)->execute()->fetchAssoc();
        same(array('id' => '1', 'name' => 'Ada', 'age' => '20', 'town' => 'Bern'), $row);
    },
    'select without alias' => function () {
        members();
        same('Bea', db_select('member')->fields('member', array('name'))->condition('id', 2)->execute()->fetchField());
    },
    'addField with alias' => function () {
        members();
        $query = db_select('member', 'm');
        same('who', $query->addField('m', 'name', 'who'));
        same('m_name', $query->fields('m', array('name')) ? $query->addField('m', 'name') : '');
        same('Ada', $query->orderBy('who')->execute()->fetchAssoc()['who']);
    },
    'addExpression with arguments' => function () {
        members();
        $query = db_select('member', 'm');
        same('expression', $query->addExpression('MAX(age) + :more', null, array(':more' => 1)));
        same('24', $query->execute()->fetchField());
    },
    'condition operators' => function () {
        members();
        $find = function ($value, $operator, $field = 'age') {
            $query = db_select('member', 'm')->fields('m', array('name'))->condition($field, $value, $operator);
            return names($query->orderBy('id'));
        };
        same('Ada Bea', $find(22, '<'));
        same('Dora', $find(22, '>'));
        same('Ada Bea Dora', $find(22, '<>'));
        same('Cleo Dora', $find(22, '>='));
        same('Bea Cleo', $find(array(21, 22), 'BETWEEN'));
        same('Ada Dora', $find(array(20, 23), 'IN'));
        same('Bea Cleo', $find(array(20, 23), 'not in'));
        same('Cleo', $find('%le%', 'LIKE', 'name'));
        same('Ada Bea Dora', $find('%le%', 'NOT LIKE', 'name'));
    },
    'an array means IN' => function () {
        members();
        $query = db_select('member', 'm')->fields('m', array('name'))->condition('id', array(4, 1))->orderBy('id');
        same('Ada Dora', names($query));
    },
    'an empty IN is an error' => function () {
        members();
        throws('PDOException', function () {
            db_select('member', 'm')->fields('m')->condition('id', array())->execute();
        });
    },
    'LIKE escapes' => function () {
        members(array('50%', '500'));
        $query = db_select('member', 'm')->fields('m', array('name'))->condition('name', db_like('50%'), 'LIKE');
        same('50%', names($query));
    },
    'isNull and isNotNull' => function () {
        members();
        db_update('member')->fields(array('age' => null))->condition('id', 2)->execute();
        same('Bea', names(db_select('member', 'm')->fields('m', array('name'))->isNull('age')));
        same('Ada Cleo Dora', names(db_select('member', 'm')->fields('m', array('name'))->isNotNull('m.age')->orderBy('id')));
    },
    'db_or and db_and' => function () {
        members();
        $and = db_and()->condition('id', 1, '>')->condition('id', 3, '<');
        $or = db_or()->condition('name', 'Dora')->condition($and);
        same('Bea Dora', names(db_select('member', 'm')->fields('m', array('name'))->condition($or)->orderBy('id')));
    },
    'db_condition and db_xor' => function () {
        members();
        $or = db_condition('OR')->isNull('age')->where('id = :one', array(':one' => 1));
        same('Ada', names(db_select('member', 'm')->fields('m', array('name'))->condition($or)));
        same('(`a` = :bdupdate_0) XOR (`b` = :bdupdate_1)', db_xor()->condition('a', 1)->condition('b', 2)->sql(new BdupdateBareBinder(Database::getConnection())));
        same(2, count($or));
    },
    'where' => function () {
        members();
        $query = db_select('member', 'm')->fields('m', array('name'))->where('age % 2 = :r', array(':r' => 1))->orderBy('id');
        same('Bea Dora', names($query));
    },
    'subquery as value' => function () {
        members();
        $ids = db_select('member', 'x')->fields('x', array('id'))->condition('age', 21, '>');
        same('Cleo Dora', names(db_select('member', 'm')->fields('m', array('name'))->condition('id', $ids, 'IN')->orderBy('id')));
    },
    'exists and notExists' => function () {
        members();
        $elder = db_select('member', 'x')->fields('x', array('id'))->where('x.age > m.age');
        same('Dora', names(db_select('member', 'm')->fields('m', array('name'))->notExists($elder)));
        same('Ada Bea Cleo', names(db_select('member', 'm')->fields('m', array('name'))->exists($elder)->orderBy('id')));
    },
    'inner and left join' => function () {
        members();
        db_create_table('pet', array('fields' => array(
            'owner' => array('type' => 'int'), 'pet' => array('type' => 'varchar', 'length' => 20),
        )));
        db_insert('pet')->fields(array('owner', 'pet'))->values(array(1, 'cat'))->values(array(3, 'dog'))->execute();
        $query = db_select('member', 'm');
        same('p', $query->innerJoin('pet', 'p', '%alias.owner = m.id'));
        same('cat dog', names($query->fields('p', array('pet'))->orderBy('m.id')));
        $query = db_select('member', 'm');
        $query->leftJoin('pet', 'p', 'p.owner = m.id AND p.pet = :pet', array(':pet' => 'dog'));
        $all = $query->fields('m', array('name'))->fields('p', array('pet'))->orderBy('m.id')->execute()->fetchAllKeyed();
        same(array('Ada' => null, 'Bea' => null, 'Cleo' => 'dog', 'Dora' => null), $all);
        $query = db_select('member', 'm');
        $query->join('pet', null, 'pet.owner = m.id');
        same('2', $query->countQuery()->execute()->fetchField());
    },
    'join with a subquery' => function () {
        members();
        $old = db_select('member', 'x')->fields('x', array('id'))->condition('age', 22, '>');
        $query = db_select('member', 'm')->fields('m', array('name'));
        $query->innerJoin($old, 'old', 'old.id = m.id');
        same('Dora', names($query));
    },
    'select from a subquery' => function () {
        members();
        $inner = db_select('member', 'x')->fields('x', array('name'))->condition('id', 3, '<');
        same('Ada Bea', names(db_select($inner, 's')->fields('s', array('name'))->orderBy('name')));
    },
    'orderBy and range' => function () {
        members();
        $query = db_select('member', 'm')->fields('m', array('name'))->orderBy('age', 'DESC')->range(1, 2);
        same('Cleo Bea', names($query));
    },
    'orderRandom' => function () {
        members();
        same(4, count(db_select('member', 'm')->fields('m', array('name'))->orderRandom()->execute()->fetchCol()));
    },
    'groupBy and having' => function () {
        members();
        db_update('member')->fields(array('town' => 'Basel'))->condition('id', 4)->execute();
        $query = db_select('member', 'm')->fields('m', array('town'))->groupBy('town')->having('COUNT(*) > :n', array(':n' => 1));
        $query->addExpression('COUNT(*)', 'number');
        same(array('Bern' => '3'), $query->execute()->fetchAllKeyed());
        $query = db_select('member', 'm')->fields('m', array('town'))->groupBy('town')->havingCondition('town', 'Basel');
        same('Basel', names($query));
    },
    'distinct' => function () {
        members();
        same('Bern', names(db_select('member', 'm')->fields('m', array('town'))->distinct()));
    },
    'countQuery' => function () {
        members();
        same('3', db_select('member', 'm')->fields('m')->condition('id', 1, '>')->countQuery()->execute()->fetchField());
    },
    'countQuery of a distinct query and of groups' => function () {
        members();
        same('1', db_select('member', 'm')->fields('m', array('town'))->distinct()->countQuery()->execute()->fetchField());
        $query = db_select('member', 'm')->fields('m', array('name'))->groupBy('name')->orderBy('name');
        same('4', $query->countQuery()->execute()->fetchField());
        same('Ada Bea Cleo Dora', names($query));
    },
    'union' => function () {
        members();
        $one = db_select('member', 'm')->fields('m', array('name'))->condition('id', 1);
        $two = db_select('member', 'm')->fields('m', array('name'))->condition('id', 2);
        same('Ada Bea', names($one->union($two)->orderBy('name')));
    },
    'forUpdate' => function () {
        members();
        same('Ada', names(db_select('member', 'm')->fields('m', array('name'))->condition('id', 1)->forUpdate()));
    },
    'tags are kept and change nothing' => function () {
        members();
        $query = db_select('member', 'm')->fields('m', array('name'))->addTag('node_access')->addMetaData('a', 1)->comment('x');
        same(true, $query->hasTag('node_access'));
        same(1, $query->getMetaData('a'));
        same(4, $query->execute()->rowCount());
    },
    'extenders are refused' => function () {
        throws('BdupdateBareException', function () {
            db_select('member', 'm')->extend('PagerDefault');
        }, 'not part of the bare API');
    },
    'a query can be used twice' => function () {
        members();
        $query = db_select('member', 'm')->fields('m', array('name'))->condition('id', 2);
        same('Bea', names($query));
        same('Bea', names($query));
    },
    'insert gives the serial' => function () {
        members(array());
        same('1', (string) db_insert('member')->fields(array('name' => 'x'))->execute());
        same('2', (string) db_insert('member')->fields(array('name'))->values(array('y'))->execute());
    },
    'insert of several rows gives the first serial' => function () {
        members(array('a'));
        $query = db_insert('member')->fields(array('name', 'age'));
        foreach (array('b', 'c', 'd') as $name) {
            $query->values(array('age' => 1, 'name' => $name));
        }
        same('2', (string) $query->execute());
        same('a b c d', names(db_select('member', 'm')->fields('m', array('name'))->orderBy('id')));
    },
    'insert of several rows is all or nothing' => function () {
        members(array('a'));
        throws('PDOException', function () {
            db_insert('member')->fields(array('name'))->values(array('b'))->values(array('a'))->execute();
        });
        same('a', names(db_select('member', 'm')->fields('m', array('name'))));
    },
    'insert uses defaults' => function () {
        members(array());
        db_insert('member')->fields(array('name' => 'x'))->useDefaults(array('town'))->execute();
        same('Bern', db_query('SELECT town FROM {member}')->fetchField());
    },
    'insert of defaults only' => function () {
        members(array());
        db_insert('member')->useDefaults(array('name', 'town'))->execute();
        same('Bern', db_query('SELECT town FROM {member}')->fetchField());
    },
    'insert without values does nothing' => function () {
        members(array());
        same(null, db_insert('member')->fields(array('name'))->execute());
        same('0', db_query('SELECT COUNT(*) FROM {member}')->fetchField());
    },
    'insert without fields is an error' => function () {
        members(array());
        throws('NoFieldsException', function () {
            db_insert('member')->execute();
        });
        throws('FieldsOverlapException', function () {
            db_insert('member')->fields(array('name' => 'x'))->useDefaults(array('name'))->execute();
        });
    },
    'insert from a query' => function () {
        members();
        db_create_table('copy', array('fields' => array(
            'name' => array('type' => 'varchar', 'length' => 60), 'twice' => array('type' => 'int'),
        )));
        $query = db_select('member', 'm')->fields('m', array('name'))->condition('id', 2, '>');
        $query->addExpression('age * :two', 'twice', array(':two' => 2));
        db_insert('copy')->from($query)->execute();
        same(array('Cleo' => '44', 'Dora' => '46'), db_query('SELECT name, twice FROM {copy} ORDER BY name')->fetchAllKeyed());
    },
    'a NOT NULL field without default must be given' => function () {
        db_create_table('strict', array('fields' => array(
            'a' => array('type' => 'int', 'not null' => true), 'b' => array('type' => 'int'),
        )));
        throws('PDOException', function () {
            db_insert('strict')->fields(array('b' => 1))->execute();
        });
    },
    'update counts what it matched' => function () {
        members();
        same(1, db_update('member')->fields(array('name' => 'Ada'))->condition('id', 1)->execute());
        same(0, db_update('member')->fields(array('name' => 'Ada'))->condition('id', 9)->execute());
        same(4, db_update('member')->fields(array('town' => 'Biel'))->execute());
    },
    'update by expression' => function () {
        members();
        db_update('member')->fields(array('age' => 1, 'town' => 'x'))->expression('age', 'age + :n', array(':n' => 10))
            ->condition('id', 1)->execute();
        same(array('age' => '30', 'town' => 'x'), db_query('SELECT age, town FROM {member} WHERE id = 1')->fetchAssoc());
    },
    'update with where, isNull and exists' => function () {
        members();
        same(2, db_update('member')->fields(array('town' => 'x'))->where('age > :age', array(':age' => 21))->execute());
        same(0, db_update('member')->fields(array('town' => 'x'))->isNull('age')->execute());
        same(4, db_update('member')->fields(array('town' => 'x'))->isNotNull('age')->execute());
    },
    'update without fields is an error' => function () {
        members();
        throws('Exception', function () {
            db_update('member')->condition('id', 1)->execute();
        });
    },
    'delete' => function () {
        members();
        same(2, db_delete('member')->condition('id', array(1, 2))->execute());
        same('Cleo Dora', names(db_select('member', 'm')->fields('m', array('name'))->orderBy('id')));
        same(2, db_delete('member')->execute());
    },
    'truncate' => function () {
        members();
        db_truncate('member')->execute();
        same('0', db_query('SELECT COUNT(*) FROM {member}')->fetchField());
    },
    'merge inserts, then updates' => function () {
        members(array());
        $merge = function ($age) {
            return db_merge('member')->key(array('name' => 'Eva'))->fields(array('age' => $age))->execute();
        };
        same(MergeQuery::STATUS_INSERT, $merge(30));
        same(MergeQuery::STATUS_UPDATE, $merge(31));
        same(MergeQuery::STATUS_UPDATE, $merge(31));
        same(array('Eva' => '31'), db_query('SELECT name, age FROM {member}')->fetchAllKeyed());
    },
    'merge with insert and update fields' => function () {
        members(array());
        $merge = function () {
            return db_merge('member')->insertFields(array('age' => 1))->updateFields(array('age' => 2))
                ->key(array('name'), array('Eva'))->execute();
        };
        same(1, $merge());
        same('1', db_query('SELECT age FROM {member}')->fetchField());
        same(2, $merge());
        same('2', db_query('SELECT age FROM {member}')->fetchField());
    },
    'merge by expression' => function () {
        members();
        db_merge('member')->key(array('name' => 'Ada'))->fields(array('age' => 1))->expression('age', 'age + :n', array(':n' => 5))->execute();
        same('25', db_query('SELECT age FROM {member} WHERE id = 1')->fetchField());
    },
    'merge with a key only' => function () {
        members(array());
        same(1, db_merge('member')->key(array('name' => 'Eva'))->execute());
        same(null, db_merge('member')->key(array('name' => 'Eva'))->execute());
    },
    'merge without a key is an error' => function () {
        members();
        throws('InvalidMergeQueryException', function () {
            db_merge('member')->fields(array('name' => 'x'))->execute();
        });
    },
    'queries say their SQL' => function () {
        $sql = (string) db_select('member', 'm')->fields('m', array('name'))->condition('id', 1);
        same('SELECT `m`.`name` AS `name` FROM {member} `m` WHERE (`id` = :bdupdate_0)', $sql);
    },
    'transaction commits at its end' => function () {
        members(array());
        $work = function () {
            $transaction = db_transaction();
            db_insert('member')->fields(array('name' => 'x'))->execute();
            same(true, Database::getConnection()->inTransaction());
            unset($transaction);
        };
        $work();
        same('1', db_query('SELECT COUNT(*) FROM {member}')->fetchField());
        same(Bench::$options['outer'], Database::getConnection()->inTransaction());
    },
    'transaction rolls back' => function () {
        members(array('kept'));
        $transaction = db_transaction();
        db_insert('member')->fields(array('name' => 'x'))->execute();
        $transaction->rollback();
        unset($transaction);
        same('kept', names(db_select('member', 'm')->fields('m', array('name'))));
        same(Bench::$options['outer'], Database::getConnection()->inTransaction());
    },
    'transactions nest' => function () {
        members(array());
        $outer = db_transaction();
        db_insert('member')->fields(array('name' => 'outer'))->execute();
        $inner = db_transaction('inner');
        same('inner', $inner->name());
        db_insert('member')->fields(array('name' => 'inner'))->execute();
        $inner->rollback();
        unset($inner);
        db_insert('member')->fields(array('name' => 'after'))->execute();
        unset($outer);
        same('outer after', names(db_select('member', 'm')->fields('m', array('name'))->orderBy('id')));
    },
    'transactions that end out of order' => function () {
        members(array());
        $outer = db_transaction();
        $inner = db_transaction();
        db_insert('member')->fields(array('name' => 'x'))->execute();
        unset($outer);
        same(true, Database::getConnection()->inTransaction());
        unset($inner);
        same(Bench::$options['outer'], Database::getConnection()->inTransaction());
        same('1', db_query('SELECT COUNT(*) FROM {member}')->fetchField());
    },
    'rolling back an outer transaction first is an error' => function () {
        members(array());
        $outer = db_transaction('one');
        $inner = db_transaction('two');
        throws('DatabaseTransactionOutOfOrderException', function () use ($outer) {
            $outer->rollback();
        });
        throws('DatabaseTransactionNoActiveException', function () use ($inner) {
            $inner->rollback();
        });
    },
    'two transactions of one name are an error' => function () {
        $outer = db_transaction();
        $one = db_transaction('same');
        throws('DatabaseTransactionNameNonUniqueException', function () {
            db_transaction('same');
        });
        unset($one, $outer);
    },
    'many rows at once' => function () {
        members(array());
        $query = db_insert('member')->fields(array('name', 'age'));
        for ($i = 0; $i < 5000; $i++) {
            $query->values(array("member $i", $i));
        }
        $query->execute();
        same('5000', db_query('SELECT COUNT(*) FROM {member}')->fetchField());
    },
);
