<?php

/**
 * Content for a Backdrop site, through its own API. Runs in the docroot, as a process of its own, with the code that was installed.
 */
error_reporting(0);
define('BACKDROP_ROOT', getcwd());
$_SERVER = [
    'HTTP_HOST' => 'localhost', 'REMOTE_ADDR' => '127.0.0.1', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/', 'QUERY_STRING' => '',
    'SERVER_SOFTWARE' => '', 'HTTP_USER_AGENT' => 'parity', 'SCRIPT_NAME' => '/index.php', 'PHP_SELF' => '/index.php',
] + $_SERVER;
require './core/includes/bootstrap.inc';
backdrop_bootstrap(BACKDROP_BOOTSTRAP_FULL);
$GLOBALS['user'] = user_load(1);

$people = [1];
foreach (['anna', 'bert', 'çelik', 'dora', 'emil'] as $i => $name) {
    $person = entity_create('user', [
        'name' => $name, 'mail' => "user$i@example.com", 'pass' => "secret $i", 'status' => $i % 4 ? 1 : 0,
        'roles' => $i % 2 ? ['editor'] : [], 'signature' => "signature $i",
    ]);
    user_save($person);
    $people[] = $person->uid;
}
$terms = [];
foreach (['Apfel', 'Birke', '日本', 'Straße & Co'] as $name) {
    $term = entity_create('taxonomy_term', [
        'name' => $name, 'vocabulary' => 'tags', 'description' => "about $name", 'format' => 'filtered_html', 'parent' => [0],
    ]);
    taxonomy_term_save($term);
    $terms[] = $term->tid;
}
$story = array_key_exists('post', node_type_get_types()) ? 'post' : 'article';
for ($i = 1; $i <= 20; ++$i) {
    $type = $i % 4 ? $story : 'page';
    $node = entity_create('node', [
        'type' => $type, 'title' => "Node $i – “quoted”", 'uid' => $people[$i % count($people)], 'status' => $i % 7 ? 1 : 0,
        'promote' => $i % 2, 'sticky' => $i % 9 ? 0 : 1, 'comment' => $type === 'page' ? 1 : 2, 'langcode' => LANGUAGE_NONE,
        'created' => 1600000000 + $i * 86400, 'log' => '',
    ]);
    $node->body[LANGUAGE_NONE][0] = [
        'value' => "<p>Text of $i, with an emoji \u{1F600} and <a href=\"/node/1\">a link</a>.</p>",
        'summary' => $i % 3 ? '' : "summary $i", 'format' => $i % 5 ? 'filtered_html' : 'full_html',
    ];
    if ($type === $story && field_info_instance('node', 'field_tags', $story)) {
        $node->field_tags[LANGUAGE_NONE][0]['tid'] = $terms[$i % count($terms)];
    }
    if ($i % 3 === 0) {
        $node->path = ['alias' => "stories/number-$i", 'langcode' => LANGUAGE_NONE, 'auto' => false, 'pathauto' => false];
    }
    node_save($node);
    if ($i % 6 === 0) {
        $node->revision = 1;
        $node->log = 'second revision';
        $node->title .= ' (revised)';
        node_save($node);
    }
    for ($c = 0, $parent = 0; $type === $story && $c < $i % 3; ++$c) {
        $comment = entity_create('comment', [
            'nid' => $node->nid, 'pid' => $parent, 'uid' => $people[$c], 'subject' => "Comment $c", 'hostname' => '127.0.0.1',
            'status' => 1, 'langcode' => LANGUAGE_NONE, 'created' => 1610000000 + $i * 60 + $c, 'node_type' => "comment_node_$type",
        ]);
        $comment->comment_body[LANGUAGE_NONE][0] = ['value' => "comment $c on $i", 'format' => 'filtered_html'];
        comment_save($comment);
        $parent = $comment->cid;
    }
}
$alias = ['source' => 'node/1', 'alias' => 'a/second/alias', 'langcode' => LANGUAGE_NONE];
path_save($alias);
$link = ['link_path' => 'node/2', 'link_title' => 'Second node', 'menu_name' => 'main-menu', 'weight' => 3, 'plid' => 0];
menu_link_save($link);
file_save_data("only text\n", 'public://parity.txt');
config_set('system.core', 'site_slogan', 'Same bytes, same rows');
state_set('parity', ['a' => 1]);
backdrop_flush_all_caches();
echo db_query('SELECT COUNT(*) FROM {node_revision}')->fetchField(), ' revisions, ',
    db_query('SELECT COUNT(*) FROM {comment}')->fetchField(), " comments\n";
