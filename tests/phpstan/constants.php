<?php

/**
 * What PHPStan cannot find by itself: constants that are defined in a loop.
 */

define('REQUEST_TIME', 1);
define('WATCHDOG_NOTICE', 5);
define('WATCHDOG_ERROR', 3);
define('SCHEMA_UNINSTALLED', -1);
define('SAVED_NEW', 1);
define('SAVED_UPDATED', 2);
define('REQUIREMENT_OK', 0);
define('REQUIREMENT_WARNING', 1);
define('REQUIREMENT_ERROR', 2);
