<?php

/**
 * What core/update.php did.
 */
final class ParityUpdatePage
{
    /** @var list<string> Functions in the order of the batch's queue. */
    public array $order = [];
    public bool $nothing_pending = false;

    /** Why it did not come to its end, or ''. */
    public string $trouble = '';
}

/**
 * Goes through core/update.php as an administrator does in a browser, and reads the order of the updates from the queue.
 */
function parity_play_update_page(ParityBrowser $browser, PDO $database, string $prefix): ParityUpdatePage
{
    $result = new ParityUpdatePage();
    $page = parity_update_page_list($browser);
    if (strpos($page->url, 'op=results') !== false || $page->has('No pending updates')) {
        $result->nothing_pending = true;
        return $result;
    }
    $form = parity_form($page, 'Apply pending updates');
    if ($form === null) {
        $result->trouble = "no list of updates at $page->url ($page->status):\n" . $page->text();
        return $result;
    }
    $page = $browser->open($form['action'], $form['fields']);
    // Where the page's script goes on.
    if (!preg_match('#"batch":\{[^{}]*"uri":("(?:[^"\\\\]|\\\\.)*")#', $page->body, $found)) {
        $result->trouble = "no batch at $page->url ($page->status):\n" . $page->text();
        return $result;
    }
    $batch = (string) json_decode($found[1]);
    $queue = "SELECT data FROM `{$prefix}queue` WHERE name LIKE 'backdrop_batch:%' ORDER BY item_id";
    foreach (parity_rows($database, $queue, PDO::FETCH_COLUMN) as $data) {
        [, $arguments] = unserialize($data, ['allowed_classes' => false]);
        $result->order[] = $arguments[0] . '_update_' . $arguments[1];
    }
    for ($i = 0; $i < 2000; ++$i) {
        $page = $browser->open("$batch&op=do", []);
        $answer = json_decode($page->body, true);
        if ($page->status !== 200 || empty($answer['status'])) {
            $result->trouble = "update.php broke ($page->status):\n" . substr($page->text(), 0, 4000);
            return $result;
        }
        if ((string) $answer['percentage'] === '100') {
            break;
        }
    }
    $page = $browser->open("$batch&op=finished");
    if ($page->status !== 200 || $page->has('class="failure"') || $page->has('aborted prematurely')) {
        $result->trouble = "update.php ended ($page->status) with:\n" . $page->text();
    }
    return $result;
}

/** From the first page to the list of updates, or to the page that says that there are none. */
function parity_update_page_list(ParityBrowser $browser): ParityPage
{
    $page = $browser->open('/core/update.php');
    for ($i = 0; $i < 3; ++$i) {
        $anyway = $page->attribute('a', 'href', '#[?&]continue=1#');
        if ($anyway === '') {
            break;
        }
        $page = $browser->open($anyway);
    }
    $action = $page->attribute('form', 'action', '#op=(check_updates|selection)#');
    if ($action !== '') {
        $page = $browser->open($action, []);
    }
    if (strpos($page->url, 'op=backup') !== false) {
        $page = $browser->open($page->attribute('a', 'href', '#op=selection#'));
    }
    return $page;
}

/**
 * The form that has a button with this text.
 *
 * @return array{action: string, fields: array<mixed>}|null
 */
function parity_form(ParityPage $page, string $button): ?array
{
    $document = new DOMDocument();
    @$document->loadHTML($page->body);
    $path = new DOMXPath($document);
    $forms = $path->query("//form[.//input[@type='submit' and @value='$button']]");
    $form = $forms === false ? null : $forms->item(0);
    if (!$form instanceof DOMElement) {
        return null;
    }
    $pairs = ['op=' . urlencode($button)];
    foreach ($path->query(".//input[@type='hidden']", $form) ?: [] as $input) {
        if ($input instanceof DOMElement) {
            $pairs[] = urlencode($input->getAttribute('name')) . '=' . urlencode($input->getAttribute('value'));
        }
    }
    parse_str(implode('&', $pairs), $fields);
    return ['action' => $form->getAttribute('action'), 'fields' => $fields];
}
