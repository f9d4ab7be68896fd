<?php

return array(
    'check_plain' => function () {
        same('&lt;a&gt; &amp; &quot;&#039;', check_plain('<a> & "\''));
        same('', check_plain("\xff"));
    },
    'format_string' => function () {
        $text = format_string('!a @b %c d', array('!a' => '<i>', '@b' => '<b>', '%c' => '<c>', 'd' => '&'));
        same('<i> &lt;b&gt; <em class="placeholder">&lt;c&gt;</em> <em class="placeholder">&amp;</em>', $text);
    },
    't and st' => function () {
        same('Hello', t('Hello'));
        same('Hello Ada', t('Hello @name', array('@name' => 'Ada')));
        same('Hello @name', t('Hello @name'));
        $t = get_t();
        same('x', $t('x'));
        same('Hello Ada', st('Hello @name', array('@name' => 'Ada')));
    },
    'format_plural' => function () {
        same('1 item', format_plural(1, '1 item', '@count items'));
        same('3 red items', format_plural('3', '1 item', '@count @what items', array('@what' => 'red')));
        same('0 items', format_plural(0, '1 item', '@count items'));
    },
    'messages' => function () {
        backdrop_set_message('one');
        backdrop_set_message('two', 'warning');
        backdrop_set_message('one', 'status', false);
        backdrop_set_message('');
        same(array('status' => array('one'), 'warning' => array('two')), backdrop_set_message());
        same(array('warning' => array('two')), backdrop_get_messages('warning'));
        same(array('status' => array('one')), backdrop_get_messages(null, false));
        same(array('status' => array('one')), backdrop_get_messages());
        same(array(), backdrop_get_messages());
    },
    'messages for the worker, in order' => function () {
        backdrop_set_message('<b>one</b>', 'error');
        watchdog('club', 'two @x', array('@x' => '<'), WATCHDOG_ERROR);
        backdrop_set_message('three', 'odd');
        watchdog('club', 'plain', null);
        $expected = array(array('error', '<b>one</b>'), array('watchdog error', 'club: two &lt;'), array('status', 'three'), array('watchdog', 'club: plain'));
        same($expected, Bench::$site->takeMessages());
        same(array(), Bench::$site->takeMessages());
    },
    'watchdog_exception' => function () {
        watchdog_exception('club', new RuntimeException('a < b'));
        same(array(array('watchdog error', 'club: RuntimeException: a &lt; b')), Bench::$site->takeMessages());
    },
    'json' => function () {
        same('"\u003Ca\u003E\u0026\u0022"', backdrop_json_encode('<a>&"'));
        same("{\n    \"a\": \"/é\"\n}", backdrop_json_encode(array('a' => '/é'), true));
        same(array('a' => 1), backdrop_json_decode('{"a": 1}'));
    },
    'unicode' => function () {
        same(4, backdrop_strlen('Zoë!'));
        same('oë', backdrop_substr('Zoë!', 1, 2));
        same('!', backdrop_substr('Zoë!', -1));
        same('ZOË', backdrop_strtoupper('zoë'));
        same('zoë', backdrop_strtolower('ZOË'));
        same('Éa', backdrop_ucfirst('éa'));
    },
    'backdrop_map_assoc' => function () {
        same(array('a' => 'a', 'b' => 'b'), backdrop_map_assoc(array('a', 'b')));
        same(array('a' => 'A'), backdrop_map_assoc(array('a'), 'strtoupper'));
        same(array(), backdrop_map_assoc(array()));
    },
    'backdrop_static' => function () {
        $value = &backdrop_static('k', 1);
        $value = 2;
        same(2, backdrop_static('k'));
        backdrop_static_reset('k');
        same(1, backdrop_static('k'));
        $value = 3;
        backdrop_static_reset();
        same(1, $value);
        backdrop_static_reset('unknown');
    },
    'constants' => function () {
        same('und', LANGUAGE_NONE);
        same('system', LANGUAGE_SYSTEM);
        same(-1, SCHEMA_UNINSTALLED);
        same(2, REQUIREMENT_ERROR);
        same(3, WATCHDOG_ERROR);
        same('1.x', BACKDROP_CORE_COMPATIBILITY);
        same('update', MAINTENANCE_MODE);
        same(true, REQUEST_TIME > 1400000000);
        same(true, is_dir(BACKDROP_ROOT));
    },
    'every function is documented' => function () {
        $source = Bench::$options['source'];
        $documented = array_flip(preg_split('/\W+/', file_get_contents("$source/docs/bare-api.md")));
        foreach (glob("$source/src/worker/php/bare/6*_functions.php") as $file) {
            preg_match_all('/^function &?(\w+)\(/m', file_get_contents($file), $matches);
            same(array(), array_values(array_diff($matches[1], array_keys($documented))));
        }
    },
    'what is not part of the API says so' => function () {
        same('node_save() is not part of the bare API (docs/bare-api.md): write the rows with db_insert() or db_update(): an update must not invoke hooks', BdupdateBareSite::explainUndefined('node_save'));
        same('my_thing() is not part of the bare API (docs/bare-api.md)', BdupdateBareSite::explainUndefined('my_thing'));
        foreach (array_keys(BdupdateBareLimits::missing()) as $name) {
            same(false, function_exists($name));
        }
    },
    'an undefined function in an update says so' => function () {
        if (!function_exists('toy_update_1001')) {
            eval('function toy_update_1001() { node_save(NULL); } function toy_update_1002() { return $nothing->x(); }');
        }
        $sandbox = array();
        throws('BdupdateBareException', function () use (&$sandbox) {
            Bench::$site->callUpdate('toy', 1001, 'toy_update_1001', $sandbox);
        }, 'node_save() is not part');
    },
    'an exception of an update goes through' => function () {
        if (!function_exists('toy_update_1003')) {
            eval('function toy_update_1003(&$s) { $s["seen"] = 1; throw new BackdropUpdateException("no"); }');
        }
        $sandbox = array();
        throws('BackdropUpdateException', function () use (&$sandbox) {
            Bench::$site->callUpdate('toy', 1003, 'toy_update_1003', $sandbox);
        }, 'no');
        same(array('seen' => 1), $sandbox);
    },
);
