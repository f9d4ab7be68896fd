<?php

/**
 * Looks at the updated site as a visitor and as its administrator.
 *
 * @return array{seen: int, troubles: list<string>}
 */
function parity_look_at_pages(ParityBrowser $browser): array
{
    $seen = 0;
    $troubles = [];
    $look = function (string $path) use ($browser, &$seen, &$troubles): ParityPage {
        $page = $browser->open($path);
        ++$seen;
        if ($page->status !== 200) {
            $troubles[] = "$path: $page->status\n" . substr($page->text(), 0, 600);
        } elseif ($page->complaint() !== '') {
            $troubles[] = "$path: " . $page->complaint();
        } elseif (strpos($page->body, '</html>') === false) {
            $troubles[] = "$path: the page does not end";
        }
        return $page;
    };
    foreach (['/', '/node/1', '/stories/number-3', '/a/second/alias'] as $path) {
        $look($path);
    }
    $form = parity_form($look('/user/login'), 'Log in');
    $page = $form === null ? null : $browser->open('/user/login', ['name' => 'admin', 'pass' => 'admin'] + $form['fields']);
    if ($page === null || !$page->has('user/logout')) {
        $troubles[] = 'the administrator cannot log in';
        return ['seen' => $seen, 'troubles' => $troubles];
    }
    $paths = [
        '/admin/content', '/admin/modules', '/admin/people', '/admin/structure/types', '/admin/structure/menu', '/admin/structure/taxonomy',
        '/admin/structure/layouts', '/admin/structure/views', '/admin/config', '/admin/reports/status', '/admin/reports/dblog', '/node/add',
        '/node/1/edit', '/user/1/edit',
    ];
    foreach ($paths as $path) {
        $look($path);
    }
    return ['seen' => $seen, 'troubles' => $troubles];
}
