<?php

/**
 * Names that update functions may mention: exceptions, interfaces, constants. They are Backdrop's, so that code written for
 * Backdrop runs unchanged; what stands behind them is described in docs/bare-api.md.
 */

/** Thrown by an update function to say that it failed. */
class BackdropUpdateException extends Exception
{
}

/** Something that the bare API does not have, or cannot do. */
class BdupdateBareException extends Exception
{
}

class DatabaseTransactionNoActiveException extends Exception
{
}

class DatabaseTransactionNameNonUniqueException extends Exception
{
}

class DatabaseTransactionCommitFailedException extends Exception
{
}

class DatabaseTransactionOutOfOrderException extends Exception
{
}

class DatabaseConnectionNotDefinedException extends Exception
{
}

class DatabaseSchemaObjectExistsException extends Exception
{
}

class DatabaseSchemaObjectDoesNotExistException extends Exception
{
}

class InvalidMergeQueryException extends Exception
{
}

class FieldsOverlapException extends Exception
{
}

class NoFieldsException extends Exception
{
}

class ConfigException extends Exception
{
}

class ConfigNameException extends ConfigException
{
}

class ConfigStorageException extends ConfigException
{
}

class ConfigStorageReadException extends ConfigStorageException
{
}

/**
 * What a query gives back.
 *
 * @extends Traversable<int, mixed>
 */
interface DatabaseStatementInterface extends Traversable
{
}

/** Anything that conditions can be put on. */
interface QueryConditionInterface
{
}

interface SelectQueryInterface extends QueryConditionInterface
{
}

/**
 * Defines the constants of the API, once; values are Backdrop's.
 *
 * @param string $root
 *   The docroot.
 */
function bdupdate_bare_define_constants($root)
{
    $constants = array(
        'BACKDROP_ROOT' => $root,
        'BACKDROP_CORE_COMPATIBILITY' => '1.x',
        'REQUEST_TIME' => isset($_SERVER['REQUEST_TIME']) ? (int) $_SERVER['REQUEST_TIME'] : time(),
        'MAINTENANCE_MODE' => 'update',
        'CACHE_PERMANENT' => 0,
        'CACHE_TEMPORARY' => -1,
        'WATCHDOG_EMERGENCY' => 0,
        'WATCHDOG_ALERT' => 1,
        'WATCHDOG_CRITICAL' => 2,
        'WATCHDOG_ERROR' => 3,
        'WATCHDOG_WARNING' => 4,
        'WATCHDOG_NOTICE' => 5,
        'WATCHDOG_INFO' => 6,
        'WATCHDOG_DEBUG' => 7,
        'WATCHDOG_DEPRECATED' => 8,
        'BACKDROP_ANONYMOUS_ROLE' => 'anonymous',
        'BACKDROP_AUTHENTICATED_ROLE' => 'authenticated',
        'BACKDROP_KILOBYTE' => 1024,
        'LANGUAGE_SYSTEM' => 'system',
        'LANGUAGE_NONE' => 'und',
        'LANGUAGE_LTR' => 0,
        'LANGUAGE_RTL' => 1,
        'SCHEMA_UNINSTALLED' => -1,
        'SCHEMA_INSTALLED' => 0,
        'REQUIREMENT_INFO' => -1,
        'REQUIREMENT_OK' => 0,
        'REQUIREMENT_WARNING' => 1,
        'REQUIREMENT_ERROR' => 2,
        'SAVED_NEW' => 1,
        'SAVED_UPDATED' => 2,
        'SAVED_DELETED' => 3,
    );
    foreach ($constants as $name => $value) {
        if (!defined($name)) {
            define($name, $value);
        }
    }
}
