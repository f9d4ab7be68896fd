<?php

/**
 * The settings of the example site: a rowing club with a SQLite database beside this file.
 */

$database = 'sqlite:site.sqlite';

// Relative to this file.
$config_directories['active'] = 'config/active';
$config_directories['staging'] = 'config/staging';

$settings['update_free_access'] = FALSE;
$settings['hash_salt'] = 'only an example: nothing here is secret';

// An override, as sites have them for staging copies: it wins over the config file and never ends up in it.
$config['system.core']['site_mail'] = 'staging@example.org';
