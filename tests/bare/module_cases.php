<?php

/** {system} as core has it, with rows: name => array(status, schema_version, weight). */
function system_table(array $modules)
{
    db_create_table('system', array(
        'fields' => array(
            'filename' => array('type' => 'varchar', 'length' => 190, 'not null' => true, 'default' => ''),
            'name' => array('type' => 'varchar', 'length' => 190, 'not null' => true, 'default' => ''),
            'type' => array('type' => 'varchar', 'length' => 12, 'not null' => true, 'default' => ''),
            'owner' => array('type' => 'varchar', 'length' => 190, 'not null' => true, 'default' => ''),
            'status' => array('type' => 'int', 'not null' => true, 'default' => 0),
            'bootstrap' => array('type' => 'int', 'not null' => true, 'default' => 0),
            'schema_version' => array('type' => 'int', 'size' => 'small', 'not null' => true, 'default' => -1),
            'weight' => array('type' => 'int', 'not null' => true, 'default' => 0),
            'info' => array('type' => 'blob', 'not null' => false),
        ),
        'primary key' => array('filename'),
        'indexes' => array('type_name' => array('type', 'name')),
    ));
    foreach ($modules as $name => $row) {
        db_insert('system')->fields(array('filename' => "modules/$name/$name.module", 'name' => $name, 'type' => 'module',
            'status' => $row[0], 'schema_version' => $row[1], 'weight' => $row[2]))->execute();
    }
    // A theme of a module's name must be left alone.
    db_insert('system')->fields(array('filename' => 'themes/alpha.info', 'name' => 'alpha', 'type' => 'theme', 'status' => 1))->execute();
    Bench::reconnect();
}

function module_code($name, $install, $module = null, $info = null)
{
    write_file("modules/$name/$name.install", "<?php\n$install\n");
    if ($module !== null) {
        write_file("modules/$name/$name.module", "<?php\n$module\n");
    }
    if ($info !== null) {
        write_file("modules/$name/$name.info", $info);
    }
}

return array(
    'rows, order and enabled modules' => function () {
        system_table(array('zeta' => array(1, 1003, 0), 'alpha' => array(0, 1000, 0), 'mid' => array(1, 0, -7), 'off' => array(0, -1, 0)));
        same(array('mid', 'zeta'), Bench::$site->enabledModules());
        same(array('mid', 'alpha', 'zeta'), Bench::$site->hookOrder());
        $rows = Bench::$site->moduleRows();
        same(4, count($rows));
        foreach ($rows as $row) {
            if ($row['name'] === 'zeta') {
                same(array('name' => 'zeta', 'schema_version' => 1003, 'enabled' => true), $row);
            }
        }
        same(array('mid' => 'mid', 'zeta' => 'zeta'), module_list());
        same(true, module_exists('mid'));
        same(false, module_exists('alpha'));
        same(1003, backdrop_get_installed_schema_version('zeta'));
        same(-1, backdrop_get_installed_schema_version('off'));
        same(-1, backdrop_get_installed_schema_version('unknown'));
        same(4, count(backdrop_get_installed_schema_version(null, false, true)));
        same(true, update_already_performed('zeta', 1003));
        same(false, update_already_performed('zeta', 1004));
    },
    'numbers are written to modules only' => function () {
        system_table(array('alpha' => array(1, 1000, 0)));
        Bench::$site->setSchemaVersion('alpha', 1005);
        same(array('module' => '1005', 'theme' => '-1'), db_query("SELECT type, schema_version FROM {system} WHERE name = 'alpha'")->fetchAllKeyed());
        backdrop_set_installed_schema_version('alpha', 1006);
        same(1006, backdrop_get_installed_schema_version('alpha'));
    },
    'a site with a table {schema}' => function () {
        db_create_table('schema', array(
            'fields' => array(
                'name' => array('type' => 'varchar', 'length' => 190, 'not null' => true),
                'schema_version' => array('type' => 'int', 'not null' => true),
            ),
            'primary key' => array('name'),
        ));
        db_insert('schema')->fields(array('name', 'schema_version'))->values(array('b', 1000))->values(array('a', 0))->values(array('c', -1))->execute();
        Bench::reconnect();
        same(array('a', 'b'), Bench::$site->hookOrder());
        same(array('a', 'b'), Bench::$site->enabledModules());
        Bench::$site->setSchemaVersion('b', 1001);
        Bench::$site->setSchemaVersion('new', 1000);
        same(1001, backdrop_get_installed_schema_version('b'));
        same(1000, backdrop_get_installed_schema_version('new'));
        update_module_enable(array('d'));
        same(0, backdrop_get_installed_schema_version('d'));
    },
    'boot loads .install of installed and .module of enabled modules' => function () {
        module_code('boot_on', 'function boot_on_update_1000() {}', 'function boot_on_hello() { return "hello"; }');
        module_code('boot_off', 'function boot_off_update_1000() {}', 'function boot_off_hello() {}');
        module_code('boot_none', 'function boot_none_update_1000() {}', 'function boot_none_hello() {}');
        system_table(array('boot_on' => array(1, 1000, 0), 'boot_off' => array(0, 1000, 0), 'boot_none' => array(0, -1, 0), 'boot_gone' => array(1, 1000, 0)));
        Bench::$site->boot();
        same(array(true, true, false), array_map('function_exists', array('boot_on_update_1000', 'boot_off_update_1000', 'boot_none_update_1000')));
        same(array(true, false, false), array_map('function_exists', array('boot_on_hello', 'boot_off_hello', 'boot_none_hello')));
        same('hello', module_invoke('boot_on', 'hello'));
        same(null, module_invoke('boot_on', 'nothing'));
        same(array('hello'), module_invoke_all('hello'));
        same('not_found', Bench::$site->codeStates()['boot_gone']);
        same('present', Bench::$site->codeStates()['boot_off']);
    },
    'code states' => function () {
        module_code('old', '', null, "name = Old\nphp = 5.6\n");
        module_code('modern', '', null, "name = \"Modern\"\nphp = 99.0\ndependencies[] = old\ndependencies[] = x\n; no = comment\nmap[a][b] = 'c'\n");
        write_file('modules/css/hidden/hidden.install', '<?php');
        write_file('modules/group/deep/deep.info', 'name = Deep');
        system_table(array('old' => array(1, 0, 0), 'modern' => array(1, 0, 0), 'hidden' => array(1, 0, 0), 'deep' => array(1, 0, 0)));
        $states = Bench::$site->codeStates();
        ksort($states);
        same(array('deep' => 'present', 'hidden' => 'not_found', 'modern' => 'php_too_old', 'old' => 'present'), $states);
        same(array('name' => 'Modern', 'php' => '99.0', 'dependencies' => array('old', 'x'), 'map' => array('a' => array('b' => 'c'))), Bench::$site->modules()->described('modern'));
        same('modules/group/deep', backdrop_get_path('module', 'deep'));
        same('modules/group/deep/deep.module', backdrop_get_filename('module', 'deep'));
        same('', backdrop_get_path('module', 'hidden'));
        same('', backdrop_get_path('theme', 'old'));
        same(array(), Bench::$site->mergedModules());
    },
    'module_load_include' => function () {
        module_code('inc', '');
        write_file('modules/inc/inc.extra.inc', '<?php function inc_extra() { return 1; }');
        system_table(array('inc' => array(1, 0, 0)));
        same(Bench::$root . '/modules/inc/inc.extra.inc', module_load_include('inc', 'inc', 'inc.extra'));
        same(1, inc_extra());
        same(false, module_load_include('inc', 'inc', 'inc.other'));
        same(false, module_load_include('inc', 'unknown'));
        same(Bench::$root . '/modules/inc/inc.install', module_load_install('inc'));
        same(false, backdrop_load('module', 'inc'));
    },
    'requirements' => function () {
        module_code('req', 'function req_requirements($phase) { return $phase == "update" ? array(
            "good" => array("title" => "Good", "severity" => REQUIREMENT_OK), "plain" => array("title" => "Plain"),
            "warn" => array("title" => "Warn", "value" => 5, "description" => "<b>x</b>", "severity" => REQUIREMENT_WARNING),
            "bad" => array("title" => "Bad", "severity" => REQUIREMENT_ERROR)) : array("bad" => array("severity" => REQUIREMENT_ERROR)); }');
        module_code('req_off', 'function req_off_requirements() { throw new Exception("disabled"); }');
        system_table(array('req' => array(1, 0, 0), 'req_off' => array(0, 0, 0)));
        Bench::$site->boot();
        same(array(
            array('name' => 'warn', 'title' => 'Warn', 'value' => '5', 'description' => '<b>x</b>', 'severity' => 'warning'),
            array('name' => 'bad', 'title' => 'Bad', 'value' => '', 'description' => '', 'severity' => 'error'),
        ), Bench::$site->requirements());
    },
    'enable a module' => function () {
        module_code('fresh', 'function fresh_schema_0() { return array("fresh" => array("fields" => array("a" => array("type" => "int")))); }
            function fresh_schema() { return array(); } function fresh_install() { throw new Exception("no hooks"); }', null, "name = Fresh\n");
        module_code('known', '');
        system_table(array('known' => array(0, -1, 5)));
        update_module_enable(array('fresh', 'known'));
        same(true, db_table_exists('fresh'));
        same(array('fresh', 'known'), Bench::$site->enabledModules());
        same(0, backdrop_get_installed_schema_version('fresh'));
        $row = db_query("SELECT filename, type, weight, info FROM {system} WHERE name = 'fresh'")->fetchAssoc();
        same(array('filename' => 'modules/fresh/fresh.module', 'type' => 'module', 'weight' => '0', 'info' => serialize(array('name' => 'Fresh'))), $row);
        same('5', db_query("SELECT weight FROM {system} WHERE name = 'known'")->fetchField());
    },
    'weights' => function () {
        system_table(array('alpha' => array(1, 0, 0)));
        module_set_weight('alpha', 9);
        same('9', db_query("SELECT weight FROM {system} WHERE name = 'alpha' AND type = 'module'")->fetchField());
    },
    'schema of a module' => function () {
        module_code('sch', 'function sch_schema() { return array("sch_a" => array("fields" => array("a" => array("type" => "serial", "not null" => TRUE),
            "d" => array("type" => "blob", "serialize" => TRUE), "n" => array("type" => "int", "not null" => TRUE, "default" => 4)), "primary key" => array("a")),
            "sch_b" => array("fields" => array("b" => array("type" => "int")))); }');
        system_table(array('sch' => array(1, 0, 0)));
        same(array('sch_a', 'sch_b'), array_keys(backdrop_get_schema_unprocessed('sch')));
        same(array('b'), array_keys(backdrop_get_schema_unprocessed('sch', 'sch_b')['fields']));
        backdrop_install_schema('sch');
        same(true, db_table_exists('sch_a') && db_table_exists('sch_b'));
        same(false, backdrop_get_schema('nothing'));
        $record = array('d' => array(1, 2));
        same(SAVED_NEW, backdrop_write_record('sch_a', $record));
        same('1', (string) $record['a']);
        same(4, $record['n']);
        $object = (object) array('a' => 1, 'n' => '7', 'd' => null);
        same(SAVED_UPDATED, backdrop_write_record('sch_a', $object, 'a'));
        same(array('a' => '1', 'd' => 'N;', 'n' => '7'), db_query('SELECT a, d, n FROM {sch_a}')->fetchAssoc());
        same(false, backdrop_write_record('nothing', $record));
        backdrop_uninstall_schema('sch');
        same(false, db_table_exists('sch_a') || db_table_exists('sch_b'));
    },
    'schema versions' => function () {
        module_code('ver', 'function ver_update_1010() {} function ver_update_1002() {} function ver_update_last_removed() { return 1000; }');
        system_table(array('ver' => array(1, 0, 0)));
        Bench::$site->boot();
        same(array('1002', '1010'), backdrop_get_schema_versions('ver'));
        same(false, backdrop_get_schema_versions('nobody'));
    },
    'default config' => function () {
        module_code('conf', 'function conf_config_create($config) { $config->set("created", TRUE); }', null);
        write_file('modules/conf/config/conf.a.json', '{"_config_name": "conf.a", "x": 1}');
        write_file('modules/conf/config/conf.b.json', '{"x": 2}');
        system_table(array('conf' => array(1, 0, 0)));
        Bench::$site->boot();
        same(array('conf.a', 'conf.b'), config_get_default_config_names('conf'));
        config_set('conf.a', 'x', 'mine');
        config_install_default_config('conf');
        same('mine', config_get('conf.a', 'x'));
        same(array('x' => 2, 'created' => true), config_get('conf.b'));
    },
    'flush takes only cache tables' => function () {
        $cache = array('fields' => array(
            'cid' => array('type' => 'varchar', 'length' => 190, 'not null' => true, 'default' => ''),
            'data' => array('type' => 'blob', 'size' => 'big'),
            'expire' => array('type' => 'int', 'not null' => true, 'default' => 0),
            'created' => array('type' => 'int', 'not null' => true, 'default' => 0),
            'serialized' => array('type' => 'int', 'size' => 'small', 'not null' => true, 'default' => 0),
        ));
        foreach (array('cache', 'cache_page', 'cached') as $table) {
            db_create_table($table, $cache);
            db_insert($table)->fields(array('cid' => 'x'))->execute();
        }
        db_create_table('cache_money', array('fields' => array('cid' => array('type' => 'int'))));
        db_insert('cache_money')->fields(array('cid' => 1))->execute();
        Bench::$site->flush();
        $counts = array();
        foreach (array('cache', 'cache_page', 'cached', 'cache_money') as $table) {
            $counts[] = db_query('SELECT COUNT(*) FROM {' . $table . '}')->fetchField();
        }
        same(array('0', '0', '1', '1'), $counts);
    },
    'the interface of the worker' => function () {
        same(Bench::$options['database']['driver'], Bench::$site->driver());
        same(true, Bench::$site instanceof BdupdateSite && Bench::$site->pdo() instanceof PDO);
        same('`' . Bench::$options['database']['prefix'] . 'bdupdate_mark`', Bench::$site->table('bdupdate_mark'));
        same(array(), Bench::$site->beforeFirstPass(array()));
        Bench::$site->assertMaintenance();
        same('standard', backdrop_get_profile());
    },
);
