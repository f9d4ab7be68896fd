<?php

/**
 * Content for a Drupal 7 site, through its own API. Runs in the docroot, as a process of its own.
 *
 * Arguments: modules to enable before, each of which gets some content where it has any.
 */
error_reporting(0);
define('DRUPAL_ROOT', getcwd());
$_SERVER = [
    'HTTP_HOST' => 'localhost', 'REMOTE_ADDR' => '127.0.0.1', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/', 'QUERY_STRING' => '',
    'SERVER_SOFTWARE' => '', 'HTTP_USER_AGENT' => 'parity', 'SCRIPT_NAME' => '/index.php', 'PHP_SELF' => '/index.php',
] + $_SERVER;
require './includes/bootstrap.inc';
drupal_bootstrap(DRUPAL_BOOTSTRAP_FULL);
error_reporting(0);
$GLOBALS['user'] = user_load(1);
$modules = array_slice($argv, 1);

/** A node as its form would hand it over. */
function parity_node($type, $number, $more = [])
{
    $node = (object) ($more + ['type' => $type, 'language' => LANGUAGE_NONE]);
    node_object_prepare($node);
    foreach ([
        'title' => "Node $number – “quoted”", 'uid' => 1 + $number % 5, 'status' => $number % 7 ? 1 : 0, 'promote' => $number % 2,
        'sticky' => $number % 9 ? 0 : 1, 'comment' => $type === 'page' ? 1 : 2, 'created' => 1600000000 + $number * 86400, 'log' => '',
    ] as $name => $value) {
        $node->$name = $value;
    }
    $node->body[LANGUAGE_NONE][0] = [
        'value' => "<p>Text of $number, with <a href=\"/node/1\">a link</a>.</p>",
        'summary' => $number % 3 ? '' : "summary $number", 'format' => $number % 5 ? 'filtered_html' : 'full_html',
    ];
    return $node;
}

function parity_comment($node, $number, $parent)
{
    $comment = (object) [
        'nid' => $node->nid, 'pid' => $parent, 'cid' => 0, 'uid' => 1 + $number % 5, 'subject' => "Comment $number", 'name' => '',
        'hostname' => '127.0.0.1', 'status' => 1, 'language' => LANGUAGE_NONE, 'node_type' => 'comment_node_' . $node->type,
        'is_anonymous' => 0, 'homepage' => '', 'created' => 1610000000 + $number, 'changed' => 1610000000 + $number,
    ];
    $comment->comment_body[LANGUAGE_NONE][0] = ['value' => "comment $number", 'format' => 'filtered_html'];
    comment_submit($comment);
    comment_save($comment);
    return $comment->cid;
}

$now = array_diff($modules, ['update']);
if ($now) {
    module_enable($now);
    drupal_flush_all_caches();
    drupal_static_reset();
}
$role = db_insert('role')->fields(['name' => 'editor', 'weight' => 5])->execute();
user_role_grant_permissions($role, ['access content', 'edit any article content', 'post comments']);
foreach (['anna', 'bert', 'çelik', 'dora', 'emil'] as $i => $name) {
    user_save((object) ['uid' => 0, 'is_new' => true], [
        'name' => $name, 'mail' => "user$i@example.com", 'pass' => "secret $i", 'status' => $i % 4 ? 1 : 0,
        'roles' => $i % 2 ? [$role => 'editor'] : [], 'signature' => "signature $i", 'signature_format' => 'filtered_html',
    ]);
}
$tags = taxonomy_vocabulary_machine_name_load('tags');
$terms = [];
foreach (['Apfel', 'Birke', '日本', 'Straße & Co'] as $name) {
    $term = (object) ['name' => $name, 'vid' => $tags->vid, 'description' => "about $name", 'format' => 'filtered_html', 'parent' => [0]];
    taxonomy_term_save($term);
    $terms[] = $term->tid;
}
for ($i = 1; $i <= 20; ++$i) {
    $node = parity_node($i % 4 ? 'article' : 'page', $i);
    if ($node->type === 'article') {
        $node->field_tags[LANGUAGE_NONE][0]['tid'] = $terms[$i % count($terms)];
    }
    if ($i % 3 === 0) {
        $node->path = ['alias' => "stories/number-$i", 'language' => LANGUAGE_NONE, 'pid' => null, 'source' => null];
    }
    node_save($node);
    if ($i % 6 === 0) {
        $node->revision = 1;
        $node->log = 'second revision';
        node_save($node);
    }
    for ($c = 0, $parent = 0; $node->type === 'article' && $c < $i % 3; ++$c) {
        $parent = parity_comment($node, $c, $parent);
    }
}
$alias = ['source' => 'node/1', 'alias' => 'a/second/alias', 'language' => LANGUAGE_NONE];
path_save($alias);
$link = ['link_path' => 'node/2', 'link_title' => 'Second node', 'menu_name' => 'main-menu', 'weight' => 3, 'plid' => 0];
menu_link_save($link);
file_save_data("only text\n", 'public://parity.txt');
$block = db_insert('block_custom')->fields(['body' => '<p>A block</p>', 'info' => 'A block', 'format' => 'filtered_html'])->execute();
db_merge('block')->key(['module' => 'block', 'delta' => (string) $block, 'theme' => 'bartik'])->fields([
    'status' => 1, 'weight' => 0, 'region' => 'sidebar_first', 'visibility' => 0, 'pages' => '', 'custom' => 0, 'title' => 'Ours', 'cache' => -1,
])->execute();
foreach (['site_slogan' => 'Same bytes, same rows', 'parity' => ['a' => 1], 'user_register' => 1, 'default_nodes_main' => 7] as $name => $value) {
    variable_set($name, $value);
}
// Made at random when somebody first needs it; here, so that both copies begin with it.
drupal_get_private_key();

if (in_array('locale', $modules)) {
    require_once './includes/locale.inc';
    locale_add_language('de', 'German', 'Deutsch', LANGUAGE_LTR, '', 'de', true, false);
    $source = db_insert('locales_source')->fields(
        ['location' => 'parity', 'textgroup' => 'default', 'source' => 'Parity', 'context' => '', 'version' => 'none']
    )->execute();
    db_insert('locales_target')->fields(['lid' => $source, 'translation' => 'Gleichheit', 'language' => 'de', 'plid' => 0, 'plural' => 0])->execute();
}
if (in_array('translation', $modules)) {
    variable_set('language_content_type_article', 2);
    $node = parity_node('article', 401, ['language' => 'de']);
    $node->path = ['alias' => 'artikel/eins', 'language' => 'de', 'pid' => null, 'source' => null];
    node_save($node);
    db_update('node')->fields(['tnid' => $node->nid])->condition('nid', $node->nid)->execute();
}
if (in_array('book', $modules)) {
    $link = [
        'link_path' => '', 'has_children' => 0, 'mlid' => null, 'original_bid' => 0, 'module' => 'book', 'hidden' => 0, 'external' => 0,
        'expanded' => 0, 'customized' => 0, 'updated' => 0, 'options' => [], 'menu_name' => '', 'weight' => 0,
    ];
    $book = parity_node('book', 101);
    $book->book = ['bid' => 'new', 'plid' => 0, 'depth' => 1] + $link;
    node_save($book);
    $top = db_query('SELECT mlid FROM {book} WHERE nid = :nid', [':nid' => $book->nid])->fetchField();
    $page = parity_node('book', 102);
    $page->book = ['bid' => $book->nid, 'plid' => $top, 'depth' => 2] + $link;
    node_save($page);
}
if (in_array('forum', $modules)) {
    $forum = (object) ['name' => 'A forum', 'vid' => variable_get('forum_nav_vocabulary'), 'description' => '', 'format' => 'plain_text', 'parent' => [0]];
    taxonomy_term_save($forum);
    $topic = parity_node('forum', 201);
    $topic->taxonomy_forums[LANGUAGE_NONE][0]['tid'] = $forum->tid;
    node_save($topic);
    parity_comment($topic, 202, 0);
}
if (in_array('poll', $modules)) {
    $poll = parity_node('poll', 301);
    unset($poll->body);
    $poll->runtime = 0;
    $poll->active = 1;
    $poll->choice = [['chtext' => 'Yes', 'chvotes' => 3, 'weight' => 0], ['chtext' => 'No', 'chvotes' => 1, 'weight' => 1]];
    node_save($poll);
}
if (in_array('contact', $modules)) {
    db_insert('contact')->fields(['category' => 'Parity', 'recipients' => 'c@example.com', 'reply' => 'Thanks', 'weight' => 1, 'selected' => 1])->execute();
}
drupal_flush_all_caches();
drupal_cron_run();
if (in_array('update', $modules)) {
    // After cron, which would let it ask drupal.org.
    module_enable(['update']);
    drupal_flush_all_caches();
}
foreach ($modules as $module) {
    if (!module_exists($module)) {
        fwrite(STDERR, "$module is not enabled\n");
        exit(1);
    }
}
echo db_query('SELECT COUNT(*) FROM {node_revision}')->fetchField(), ' revisions, ',
    db_query('SELECT COUNT(*) FROM {comment}')->fetchField(), " comments\n";
