<?php

/**
 * The example site, updated pass by pass as the worker does it. SQLite only.
 */

function example_site()
{
    // One place for all cases: a module's functions can be declared only once.
    $root = Bench::$options['scratch'] . '/club';
    if (is_file("$root/site.sqlite")) {
        unlink("$root/site.sqlite");
        array_map('unlink', glob("$root/config/active/*"));
    }
    $source = Bench::$options['source'] . '/docs/example-site';
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($source, FilesystemIterator::SKIP_DOTS)) as $file) {
        $target = $root . substr($file->getPathname(), strlen($source));
        if (!is_dir(dirname($target))) {
            mkdir(dirname($target), 0777, true);
        }
        copy($file->getPathname(), $target);
    }
    $pdo = new PDO("sqlite:$root/site.sqlite");
    $pdo->exec(file_get_contents("$root/site.sql"));
    $pdo = null;
    $site = new BdupdateBareSite();
    $site->connect(array(
        'docroot' => $root,
        'settings_file' => "$root/settings.php",
        'conf_path' => '.',
        'database' => array('driver' => 'sqlite', 'database' => "$root/site.sqlite"),
        'active_config' => "$root/config/active",
    ));
    return $site;
}

/** Runs one update to its end; gives the number of passes. */
function run_update(BdupdateBareSite $site, $module, $number)
{
    $sandbox = array();
    $passes = 0;
    do {
        $site->openTransaction();
        unset($sandbox['#finished']);
        $site->callUpdate($module, $number, "{$module}_update_$number", $sandbox);
        $finished = isset($sandbox['#finished']) ? $sandbox['#finished'] : 1;
        if ($finished >= 1) {
            $site->setSchemaVersion($module, $number);
        }
        $site->commitTransaction();
        $passes++;
    } while ($finished < 1);
    return $passes;
}

return array(
    'every update of the example site succeeds' => function () {
        $site = example_site();
        $site->boot();
        $order = array(
            'club' => array(1001, 1002, 1003), 'member' => array(1001, 1002, 1003), 'event' => array(1002, 1003, 1004),
            'newsletter' => array(7003, 1000, 1001), 'dues' => array(1005, 1006), 'gallery' => array(1001, 1002),
        );
        $passes = array();
        foreach ($order as $module => $numbers) {
            foreach ($numbers as $number) {
                $passes["$module $number"] = run_update($site, $module, $number);
            }
        }
        same(10, $passes['member 1002']);
        same(25, array_sum($passes));
        same(array('1000', '1000', 'M-0001', 'M-1000'), db_query(
            'SELECT COUNT(number), COUNT(DISTINCT number), MIN(number), MAX(number) FROM {users}'
        )->fetch(PDO::FETCH_NUM));
        same('9', db_query('SELECT COUNT(*) FROM {event_registration}')->fetchField());
        same(false, db_field_exists('event', 'data'));
        same(array('2013' => '67', '2014' => '100', '2015' => '100'), db_query('SELECT year, payments FROM {dues_year} ORDER BY year')->fetchAllKeyed());
        same('251', db_query('SELECT COUNT(*) FROM {newsletter_subscriber}')->fetchField());
        same(true, db_index_exists('users', 'number') && db_field_exists('users', 'telephone') && !db_field_exists('users', 'phone'));
        same('CC BY 4.0', db_query('SELECT license FROM {gallery_picture} WHERE id = :id', array(':id' => db_insert('gallery_picture')
            ->fields(array('path' => 'x'))->execute()))->fetchField());
        same('0', db_query('SELECT COUNT(*) FROM {variable}')->fetchField());
        same(1425427200, state_get('club_last_assembly'));
        $messages = $site->takeMessages();
        same(array('status', '2 addresses stood twice.'), $messages[0]);
        same(array('watchdog', 'dues: Totals of 3 years were written.'), $messages[1]);
    },
    'the config of the example site afterwards' => function () {
        $site = example_site();
        $site->boot();
        foreach (array(1001, 1002, 1003) as $number) {
            run_update($site, 'club', $number);
        }
        run_update($site, 'newsletter', 1000);
        $expected = <<<'JSON'
{
    "_config_name": "club.settings",
    "_config_static": true,
    "boathouse": {
        "street": "Uferweg 12",
        "town": "Solothurn"
    },
    "season": {
        "first_month": 3,
        "last_month": 11
    },
    "greeting": "Grüezi mitenand",
    "number_prefix": "M",
    "contact": {
        "mail": "office@example.org",
        "phone": ""
    }
}

JSON;
        same($expected, file_get_contents(config_get_config_directory() . '/club.settings.json'));
        same('Grüezi mitenand', config_get('newsletter.settings', 'salutation'));
        same('staging@example.org', config_get('system.core', 'site_mail'));
    },
    'facts of the example site' => function () {
        $site = example_site();
        $site->boot();
        same(array('club', 'dues', 'event', 'gallery', 'guestbook', 'member', 'newsletter'), sorted($site->hookOrder()));
        same('club', $site->hookOrder()[0]);
        same('newsletter', $site->hookOrder()[6]);
        same(array('club', 'dues', 'event', 'member', 'newsletter'), $site->enabledModules());
        $states = $site->codeStates();
        same('not_found', $states['guestbook']);
        same('present', $states['gallery']);
        same(8, count($site->moduleRows()));
        same(array(), $site->requirements());
        same(2, count($site->configListing()));
    },
    'flush empties the caches of the example site' => function () {
        $site = example_site();
        $site->boot();
        same(array('cache', 'cache_page'), BdupdateBareCaches::tables());
        $site->flush();
        same('0', db_query('SELECT COUNT(*) FROM {cache}')->fetchField());
        same('0', db_query('SELECT COUNT(*) FROM {cache_page}')->fetchField());
    },
    'a failed update leaves nothing behind' => function () {
        $site = example_site();
        $site->boot();
        $before = db_query('SELECT sql FROM sqlite_master ORDER BY name')->fetchCol();
        $site->openTransaction();
        $sandbox = array();
        $site->callUpdate('gallery', 1001, 'gallery_update_1001', $sandbox);
        $site->rollbackTransaction();
        same($before, db_query('SELECT sql FROM sqlite_master ORDER BY name')->fetchCol());
        same('2', db_query('SELECT COUNT(thumbnail) FROM {gallery_image}')->fetchField());
    },
);
