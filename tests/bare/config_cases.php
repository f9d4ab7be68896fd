<?php

function bytes($name)
{
    return file_get_contents(Bench::$root . "/active/$name.json");
}

function variables()
{
    foreach (array('variable', 'state') as $table) {
        db_create_table($table, array(
            'fields' => array(
                'name' => array('type' => 'varchar', 'length' => 128, 'not null' => true, 'default' => ''),
                'value' => array('type' => 'blob', 'size' => 'big', 'not null' => true),
            ),
            'primary key' => array('name'),
        ));
    }
}

return array(
    'save writes what Backdrop writes' => function () {
        config('a.b')->set('z', 'é/😀')->set('list', array('x', 'y'))->set('map', array('k' => null, 't' => true))->set('none', array())
            ->set('number', 1.0)->set('half', 0.1)->set('html', "<a href=\"x\">'&'</a>")->save();
        same(<<<'JSON'
{
    "_config_name": "a.b",
    "z": "é/😀",
    "list": [
        "x",
        "y"
    ],
    "map": {
        "k": null,
        "t": true
    },
    "none": [],
    "number": 1,
    "half": 0.1,
    "html": "<a href=\"x\">'&'</a>"
}

JSON
            , bytes('a.b'));
    },
    'the keys of Backdrop come first, sorted' => function () {
        config('a.b')->setData(array('x' => 1, '_config_static' => true, 'y' => 2, '_config_module' => 'm'))->save();
        same(array('_config_name', '_config_module', '_config_static', 'x', 'y'), array_keys(json_decode(bytes('a.b'), true)));
    },
    'numeric keys count anew, as in Backdrop' => function () {
        config('a.b')->setData(array(7 => 'x', 'k' => array(3 => 'y')))->save();
        same("{\n    \"_config_name\": \"a.b\",\n    \"0\": \"x\",\n    \"k\": {\n        \"3\": \"y\"\n    }\n}\n", bytes('a.b'));
    },
    'get reads dotted keys' => function () {
        config('a.b')->set('one.two.three', 'x')->set('one.four', false)->save();
        same('x', config_get('a.b', 'one.two.three'));
        same(array('three' => 'x'), config_get('a.b', 'one.two'));
        same(false, config('a.b')->get('one.four'));
        same(null, config_get('a.b', 'one.two.nothing'));
        same(null, config_get('a.b', 'one.two.three.four'));
        same(null, config_get('a.b', 'nothing'));
    },
    'get without a key gives everything' => function () {
        config('a.b')->set('x', 1)->save();
        same(array('x' => 1), config_get('a.b'));
        same(array('x' => 1), config('a.b')->getData());
        same(array('x' => 1), config('a.b')->get());
    },
    'a new object' => function () {
        same(true, config('a.new')->isNew());
        same(array(), config('a.new')->get());
        config('a.new')->save();
        same(false, config('a.new')->isNew());
        same("{\n    \"_config_name\": \"a.new\"\n}\n", bytes('a.new'));
    },
    'clear' => function () {
        config('a.b')->set('x.y', 1)->set('x.z', 2)->set('w', 3)->save();
        config('a.b')->clear('x.y')->clear('w')->save();
        same(array('x' => array('z' => 2)), config_get('a.b'));
    },
    'clear of what is not there leaves its way, as in Backdrop' => function () {
        config('a.b')->clear('p.q.r')->save();
        same("{\n    \"_config_name\": \"a.b\",\n    \"p\": {\n        \"q\": null\n    }\n}\n", bytes('a.b'));
    },
    'config_set, config_clear, config_set_multiple' => function () {
        config_set('a.b', 'x', 1);
        config_set_multiple('a.b', array('y' => 2, 'z.w' => 3));
        config_clear('a.b', 'x');
        same(array('y' => 2, 'z' => array('w' => 3)), config_get('a.b'));
    },
    'setMultiple' => function () {
        config('a.b')->setMultiple(array('y' => 2, 'z.w' => 3))->save();
        same(3, config_get('a.b', 'z.w'));
    },
    'delete' => function () {
        config('a.b')->set('x', 1)->save();
        config('a.b')->delete();
        same(false, file_exists(Bench::$root . '/active/a.b.json'));
        same(true, config('a.b')->isNew());
        config('a.b')->delete();
    },
    'save replaces the file and keeps its mode' => function () {
        config('a.b')->set('x', 1)->save();
        chmod(Bench::$root . '/active/a.b.json', 0640);
        $inode = fileinode(Bench::$root . '/active/a.b.json');
        config_set('a.b', 'x', 2);
        clearstatcache();
        same('0640', sprintf('%04o', fileperms(Bench::$root . '/active/a.b.json') & 07777));
        same(false, $inode === fileinode(Bench::$root . '/active/a.b.json'));
        same(array('.', '..', 'a.b.json'), scandir(Bench::$root . '/active'));
    },
    'names are checked' => function () {
        throws('ConfigNameException', function () {
            config('nodot')->save();
        });
        throws('ConfigNameException', function () {
            config('a/b.c')->save();
        });
        throws('ConfigNameException', function () {
            config('a.' . str_repeat('x', 250))->save();
        });
    },
    'broken JSON is an error that names the file' => function () {
        write_file('active/a.b.json', '{"x": ');
        throws('ConfigStorageReadException', function () {
            config_get('a.b');
        }, 'a.b.json');
        write_file('active/a.c.json', '');
        throws('ConfigStorageReadException', function () {
            config_get('a.c');
        });
    },
    'a directory that is gone is an error' => function () {
        rmdir(Bench::$root . '/active');
        throws('ConfigStorageException', function () {
            config_set('a.b', 'x', 1);
        }, 'cannot be written');
        throws('ConfigStorageException', function () {
            config_get_names_with_prefix('a');
        });
        mkdir(Bench::$root . '/active');
    },
    'names with a prefix' => function () {
        foreach (array('views.view.b', 'views.view.a', 'views.settings', 'other.x') as $name) {
            config($name)->save();
        }
        same(array('views.view.a', 'views.view.b'), config_get_names_with_prefix('views.view.'));
        same(4, count(config_get_names_with_prefix('')));
    },
    'load several' => function () {
        config_set('a.b', 'x', 1);
        config_set('a.c', 'x', 2);
        same(array('a.b' => array('x' => 1), 'a.c' => array('x' => 2)), config_load_multiple(array('a.b', 'a.c', 'a.d')));
    },
    'overrides of settings.php win and are not saved' => function () {
        Bench::$site->boot();
        config_set('site.settings', 'forced', 'no');
        same('yes', config_get('site.settings', 'forced'));
        same('no', config('site.settings')->getOriginal('forced'));
        same('yes', config('site.settings')->getOverride('forced'));
        same(true, config_is_overridden('site.settings', 'forced'));
        same(1, config_get('site.settings', 'deep.key.x'));
        config_set('site.settings', 'forced', 'yes');
        same('no', config('site.settings')->getOriginal('forced'));
        config('site.settings')->set('forced', 'yes', true)->save();
        same('yes', config('site.settings')->getOriginal('forced'));
    },
    'setOverrides' => function () {
        $config = config('a.b');
        $config->setOverrides(array('x' => 5));
        same(5, $config->get('x'));
        same(true, $config->isOverridden('x'));
    },
    'an object that is static is one object' => function () {
        config_set('a.b', '_config_static', true);
        config('a.b')->set('x', 1);
        same(1, config_get('a.b', 'x'));
        config_set('a.c', 'x', 1);
        config('a.c')->set('x', 2);
        same(1, config_get('a.c', 'x'));
    },
    'config_get_translated' => function () {
        config_set('a.b', 'x', 'Hello @name');
        same('Hello @name', config_get_translated('a.b', 'x', array('@name' => 'Ada')));
        config_set('a.b', '_config_translatables', array('x'));
        same('Hello Ada', config_get_translated('a.b', 'x', array('@name' => 'Ada')));
    },
    'config directories' => function () {
        Bench::$site->boot();
        same(Bench::$root . '/active', config_get_config_directory());
        same('./staging', config_get_config_directory('staging'));
        throws('ConfigException', function () {
            config_get_config_directory('other');
        });
        config('a.b', 'staging')->set('x', 1)->save();
        same(true, file_exists(Bench::$root . '/staging/a.b.json'));
        same(true, config('a.b')->isNew());
    },
    'config in the database' => function () {
        db_create_table('config_active', array(
            'fields' => array(
                'name' => array('type' => 'varchar', 'length' => 255, 'not null' => true),
                'data' => array('type' => 'text', 'size' => 'big', 'not null' => true),
                'changed' => array('type' => 'int', 'not null' => true, 'default' => 0),
            ),
            'primary key' => array('name'),
        ));
        BdupdateBareConfigs::useDirectory('');
        config_set('a.b', 'x', array('y' => 1));
        config_set('a.b', 'z', 2);
        same(array('x' => array('y' => 1), 'z' => 2), config_get('a.b'));
        $json = "{\n    \"_config_name\": \"a.b\",\n    \"x\": {\n        \"y\": 1\n    },\n    \"z\": 2\n}\n";
        same($json, db_query('SELECT data FROM {config_active}')->fetchField());
        same(array('a.b'), config_get_names_with_prefix('a.'));
        config('a.b')->delete();
        same(array(), config_get_names_with_prefix(''));
        BdupdateBareConfigs::useDirectory(Bench::$root . '/active');
    },
    'state' => function () {
        variables();
        same('default', state_get('x', 'default'));
        state_set('x', array('a' => 1));
        state_set('x', array('a' => 2));
        same(array('a' => 2), state_get('x'));
        state_del('x');
        same(null, state_get('x'));
    },
    'state drops the cached copy of states' => function () {
        variables();
        db_create_table('cache', array('fields' => array('cid' => array('type' => 'varchar', 'length' => 255), 'data' => array('type' => 'blob'))));
        foreach (array('states', 'other') as $cid) {
            db_insert('cache')->fields(array('cid' => $cid))->execute();
        }
        state_set('x', 1);
        same(array('other'), db_query('SELECT cid FROM {cache}')->fetchCol());
    },
    'variables' => function () {
        variables();
        same(7, update_variable_get('x', 7));
        update_variable_set('x', false);
        same(false, update_variable_get('x', 7));
        same('b:0;', db_query("SELECT value FROM {variable} WHERE name = 'x'")->fetchField());
        update_variable_del('x');
        same(null, update_variable_get('x'));
    },
    'settings' => function () {
        Bench::$site->boot();
        same('world', settings_get('hello'));
        same('nobody', settings_get('unknown', 'nobody'));
        same('variable', variable_get('old'));
        same('d', variable_get('new', 'd'));
        same('.', conf_path());
    },
    'a listing for the handshake' => function () {
        config('a.b')->save();
        write_file('active/.htaccess', 'Deny');
        same(array('a.b.json' => 30), Bench::$site->configListing());
    },
);
