<?php

/**
 * Installs a Drupal 7 tree by its own installer, without a browser. Runs in the docroot, as a process of its own.
 *
 * On stdin, as JSON: database, username, password, host, port, prefix.
 */
error_reporting(0);
define('DRUPAL_ROOT', getcwd());
define('MAINTENANCE_MODE', 'install');
$database = json_decode((string) stream_get_contents(STDIN), true) + ['driver' => 'mysql'];
// The form calls it by another name than the settings do.
$database['db_prefix'] = $database['prefix'];
copy('sites/default/default.settings.php', 'sites/default/settings.php');
@mkdir('sites/default/files', 0775, true);
// The installer may end the process by itself, and prints pages: the exit code is ours.
$finished = false;
register_shutdown_function(function () use (&$finished) {
    if (!$finished) {
        fwrite(STDERR, "the installer gave up\n" . json_encode(error_get_last()) . "\n");
        exit(1);
    }
});
require_once './includes/install.core.inc';
try {
    install_drupal([
        'parameters' => ['profile' => 'standard', 'locale' => 'en'],
        'server' => [
            'HTTP_HOST' => 'localhost', 'REMOTE_ADDR' => '127.0.0.1', 'SERVER_SOFTWARE' => '', 'HTTP_USER_AGENT' => 'parity',
            'SCRIPT_NAME' => '/install.php', 'REQUEST_URI' => '/install.php', 'url' => 'http://localhost/install.php',
        ],
        'forms' => [
            'install_settings_form' => ['driver' => 'mysql', 'mysql' => $database, 'op' => 'Save and continue'],
            'install_configure_form' => [
                'site_name' => 'Parity', 'site_mail' => 'admin@example.com', 'date_default_timezone' => 'UTC', 'clean_url' => true,
                'account' => ['name' => 'admin', 'mail' => 'admin@example.com', 'pass' => ['pass1' => 'admin', 'pass2' => 'admin']],
                // Nobody is to be asked about new releases.
                'update_status_module' => [1 => null, 2 => null],
                'op' => 'Save and continue',
            ],
        ],
    ]);
    $finished = variable_get('install_task') === 'done';
} catch (Throwable $problem) {
    fwrite(STDERR, strip_tags($problem->getMessage()) . ' at ' . $problem->getFile() . ':' . $problem->getLine() . "\n");
}
exit($finished ? 0 : 1);
