<?php

/**
 * The database functions of the bare API; names and arguments are Backdrop's. $options['target'] is accepted and means nothing:
 * a bare site has one database.
 */

function db_query($query, array $args = array(), array $options = array())
{
    return Database::getConnection()->query($query, $args, $options);
}

function db_query_range($query, $from, $count, array $args = array(), array $options = array())
{
    return Database::getConnection()->queryRange($query, $from, $count, $args, $options);
}

function db_query_temporary($query, array $args = array(), array $options = array())
{
    return Database::getConnection()->queryTemporary($query, $args, $options);
}

function db_select($table, $alias = null, array $options = array())
{
    return Database::getConnection()->select($table, $alias, $options);
}

function db_insert($table, array $options = array())
{
    return Database::getConnection()->insert($table, $options);
}

function db_update($table, array $options = array())
{
    return Database::getConnection()->update($table, $options);
}

function db_delete($table, array $options = array())
{
    return Database::getConnection()->delete($table, $options);
}

function db_merge($table, array $options = array())
{
    return Database::getConnection()->merge($table, $options);
}

function db_truncate($table, array $options = array())
{
    return Database::getConnection()->truncate($table, $options);
}

/** @return DatabaseTransaction */
function db_transaction($name = null, array $options = array())
{
    return Database::getConnection()->startTransaction($name);
}

function db_escape_table($table)
{
    return Database::getConnection()->escapeTable($table);
}

function db_escape_field($field)
{
    return Database::getConnection()->escapeField($field);
}

function db_like($string)
{
    return Database::getConnection()->escapeLike($string);
}

function db_driver()
{
    return Database::getConnection()->driver();
}

function db_next_id($existing_id = 0)
{
    return Database::getConnection()->nextId($existing_id);
}

/** @return DatabaseCondition */
function db_or()
{
    return new DatabaseCondition('OR');
}

/** @return DatabaseCondition */
function db_and()
{
    return new DatabaseCondition('AND');
}

/** @return DatabaseCondition */
function db_xor()
{
    return new DatabaseCondition('XOR');
}

/** @return DatabaseCondition */
function db_condition($conjunction)
{
    return new DatabaseCondition($conjunction);
}

function db_ignore_replica()
{
}
