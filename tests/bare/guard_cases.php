<?php

/** The guard of the worker below the bare API: the mark, failed statements, split passes. Not inside an outer transaction. */

function mark_table()
{
    db_create_table('bdupdate_mark', array('fields' => array(
        'run' => array('type' => 'varchar', 'length' => 32, 'not null' => true),
        'epoch' => array('type' => 'int', 'not null' => true),
        'seq' => array('type' => 'int', 'not null' => true),
        'plan' => array('type' => 'int', 'not null' => true),
        'step' => array('type' => 'int', 'not null' => true),
        'state' => array('type' => 'varchar', 'length' => 16, 'not null' => true),
        'sandbox' => array('type' => 'blob', 'size' => 'big'),
        'schema_hash' => array('type' => 'varchar', 'length' => 64),
    )));
    db_insert('bdupdate_mark')->fields(array('run' => 'r', 'epoch' => 1, 'seq' => 0, 'plan' => 0, 'step' => 0, 'state' => 'done'))->execute();
}

function key_of($seq)
{
    return array('run' => 'r', 'epoch' => 1, 'seq' => $seq, 'plan' => 1, 'step' => $seq);
}

function guarded()
{
    members();
    mark_table();
    $guard = new BdupdateGuard(Bench::$site);
    Bench::$site->install($guard);
    return $guard;
}

function mark()
{
    return implode(' ', Bench::$site->pdo()->query('SELECT seq, state FROM ' . Bench::$site->table('bdupdate_mark'))->fetch(PDO::FETCH_NUM));
}

return array(
    'a pass commits' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        db_update('member')->fields(array('age' => 1))->execute();
        same(false, $guard->checkpoint(false));
        $hash = $guard->commit(key_of(1), '', function () {
            return 'hash';
        });
        same('hash', $hash);
        same('1 done', mark());
        same('4', db_query('SELECT COUNT(*) FROM {member} WHERE age = 1')->fetchField());
    },
    'rows are counted by table' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        $guard->rows()->reset();
        db_update('member')->fields(array('age' => 1))->execute();
        db_query('UPDATE {member} SET age = 2 WHERE 1 = 0');
        db_insert('member')->fields(array('name' => 'Zoe', 'age' => 9))->execute();
        db_query("delete from {member} WHERE name = 'Zoe'");
        db_query('SELECT 1 FROM {member}')->fetchCol();
        same(array(array(trim(Bench::$site->table('member'), '`'), 1, 4, 1)), $guard->rows()->report());
        $guard->abandon();
    },
    'a pass is undone' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        db_update('member')->fields(array('age' => 1))->execute();
        $guard->abandon();
        same('0 done', mark());
        same('0', Bench::$site->pdo()->query('SELECT COUNT(*) FROM ' . Bench::$site->table('member') . ' WHERE age = 1')->fetchColumn());
        throws('BdupdateTransactionLost', function () {
            db_query('SELECT 1 FROM {member}');
        });
    },
    'a failed statement does not end the pass' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        throws('PDOException', function () {
            db_query('SELECT * FROM {nowhere}');
        });
        throws('PDOException', function () {
            db_insert('member')->fields(array('name' => 'Ada'))->execute();
        });
        db_update('member')->fields(array('age' => 1))->execute();
        same(null, $guard->refusal());
        same(false, $guard->checkpoint(false));
    },
    'transactions of the update nest in the pass' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        $transaction = db_transaction();
        db_update('member')->fields(array('age' => 1))->execute();
        $transaction->rollback();
        unset($transaction);
        $again = db_transaction();
        db_update('member')->fields(array('age' => 2))->condition('id', 1)->execute();
        unset($again);
        same('1 open', mark());
        same(false, $guard->checkpoint(false));
        $guard->commit(key_of(1), '', function () {
            return '';
        });
        same(array('2'), db_query('SELECT age FROM {member} WHERE age < 5')->fetchCol());
        same(false, Database::getConnection()->inTransaction());
    },
    'a schema change in a pass' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        db_update('member')->fields(array('age' => 1))->execute();
        db_add_field('member', 'x', array('type' => 'int'));
        db_update('member')->fields(array('x' => 2))->execute();
        db_change_field('member', 'x', 'y', array('type' => 'int', 'not null' => true, 'default' => 2));
        same(!sqlite(), $guard->checkpoint(false));
        $guard->commit(key_of(1), '', function () {
            return '';
        });
        same('1 done', mark());
        same(true, db_field_exists('member', 'y'));
    },
    'a transaction around a schema change' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        $transaction = db_transaction();
        db_update('member')->fields(array('age' => 1))->execute();
        db_add_index('member', 'town', array('town'));
        db_update('member')->fields(array('age' => 2))->condition('id', 1)->execute();
        unset($transaction);
        $after = db_transaction();
        db_update('member')->fields(array('age' => 3))->condition('id', 2)->execute();
        $after->rollback();
        unset($after);
        same(!sqlite(), $guard->checkpoint(false));
        $guard->commit(key_of(1), '', function () {
            return '';
        });
        same(array('2', '1', '1', '1'), db_query('SELECT age FROM {member} ORDER BY id')->fetchCol());
        same(false, Database::getConnection()->inTransaction());
    },
    'rolling back around a schema change' => function () {
        $guard = guarded();
        $guard->open(key_of(1));
        $transaction = db_transaction();
        db_update('member')->fields(array('age' => 1))->execute();
        db_add_index('member', 'town', array('town'));
        if (sqlite()) {
            $transaction->rollback();
            same(false, db_index_exists('member', 'town'));
        } else {
            throws('ErrorException', function () use ($transaction) {
                $transaction->rollback();
            }, 'a schema change has committed it');
        }
        unset($transaction);
        same(!sqlite(), $guard->checkpoint(false));
    },
    'an older run is stopped' => function () {
        $guard = guarded();
        db_update('bdupdate_mark')->fields(array('epoch' => 2))->execute();
        throws('BdupdateInterrupted', function () use ($guard) {
            $guard->open(key_of(1));
        });
    },
);
