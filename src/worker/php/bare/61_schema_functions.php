<?php

/**
 * The schema functions of the bare API; names, arguments and exceptions are Backdrop's.
 */

function db_create_table($name, array $table)
{
    return Database::getConnection()->schema()->createTable($name, $table);
}

function db_rename_table($table, $new_name)
{
    return Database::getConnection()->schema()->renameTable($table, $new_name);
}

function db_drop_table($table)
{
    return Database::getConnection()->schema()->dropTable($table);
}

function db_table_exists($table)
{
    return Database::getConnection()->schema()->tableExists($table);
}

function db_find_tables($table_expression)
{
    return Database::getConnection()->schema()->findTables($table_expression);
}

function db_field_names(array $fields)
{
    return Database::getConnection()->schema()->fieldNames($fields);
}

function db_field_exists($table, $field)
{
    return Database::getConnection()->schema()->fieldExists($table, $field);
}

function db_add_field($table, $field, array $spec, array $keys_new = array())
{
    return Database::getConnection()->schema()->addField($table, $field, $spec, $keys_new);
}

function db_drop_field($table, $field)
{
    return Database::getConnection()->schema()->dropField($table, $field);
}

function db_change_field($table, $field, $field_new, array $spec, array $keys_new = array())
{
    return Database::getConnection()->schema()->changeField($table, $field, $field_new, $spec, $keys_new);
}

function db_field_set_default($table, $field, $default)
{
    return Database::getConnection()->schema()->fieldSetDefault($table, $field, $default);
}

function db_field_set_no_default($table, $field)
{
    return Database::getConnection()->schema()->fieldSetNoDefault($table, $field);
}

function db_index_exists($table, $name)
{
    return Database::getConnection()->schema()->indexExists($table, $name);
}

function db_add_primary_key($table, array $fields)
{
    return Database::getConnection()->schema()->addPrimaryKey($table, $fields);
}

function db_drop_primary_key($table)
{
    return Database::getConnection()->schema()->dropPrimaryKey($table);
}

function db_add_unique_key($table, $name, array $fields)
{
    return Database::getConnection()->schema()->addUniqueKey($table, $name, $fields);
}

function db_drop_unique_key($table, $name)
{
    return Database::getConnection()->schema()->dropUniqueKey($table, $name);
}

function db_add_index($table, $name, array $fields)
{
    return Database::getConnection()->schema()->addIndex($table, $name, $fields);
}

function db_drop_index($table, $name)
{
    return Database::getConnection()->schema()->dropIndex($table, $name);
}
