<?php

/**
 * PHP's built-in server on a docroot.
 */
final class ParityWebServer
{
    /** @var resource */
    private $process;
    private int $port;

    public function __construct(string $docroot, string $log)
    {
        $this->port = parity_free_port();
        $output = ['file', $log, 'a'];
        $process = proc_open(
            [PHP_BINARY, '-S', "127.0.0.1:$this->port", '-t', $docroot, __DIR__ . '/router.php'],
            [['file', '/dev/null', 'r'], $output, $output],
            $unused,
            $docroot
        );
        if ($process === false) {
            throw new ParityTrouble("PHP's web server does not start");
        }
        $this->process = $process;
        for ($i = 0; $i < 100 && !is_resource(@fsockopen('127.0.0.1', $this->port)); ++$i) {
            usleep(20000);
        }
    }

    public function base(): string
    {
        return "http://127.0.0.1:$this->port";
    }

    public function stop(): void
    {
        proc_terminate($this->process);
        proc_close($this->process);
    }
}

/**
 * An answer, redirects followed.
 */
final class ParityPage
{
    public int $status = 0;
    public string $url = '';
    public string $body = '';

    public function has(string $text): bool
    {
        return strpos($this->body, $text) !== false;
    }

    /** The attribute of the first tag that matches, entities decoded; '' where there is none. */
    public function attribute(string $tag, string $name, string $pattern): string
    {
        preg_match_all("#<$tag\\b[^>]*\\b$name=\"([^\"]*)\"#", $this->body, $found);
        foreach ($found[1] as $value) {
            $value = html_entity_decode($value, ENT_QUOTES);
            if (preg_match($pattern, $value)) {
                return $value;
            }
        }
        return '';
    }

    /** What a reader sees, for messages. */
    public function text(): string
    {
        $seen = (string) preg_replace('#<(script|style|head)\b.*?</\1>#s', '', $this->body);
        $seen = html_entity_decode(strip_tags($seen), ENT_QUOTES);
        return trim((string) preg_replace('#\s*\n\s*#', "\n", (string) preg_replace('#[ \t]+#', ' ', $seen)));
    }

    /** The first complaint of PHP that got into the page, or ''. */
    public function complaint(): string
    {
        $body = (string) preg_replace('#<(script|style)\b.*?</\1>#s', '', $this->body);
        $pattern = '#(Warning|Notice|Deprecated|Fatal error|Parse error)(</\w+>)?: [^\n]{0,160}#';
        return preg_match($pattern, $body, $found) ? trim(strip_tags($found[0])) : '';
    }
}

/**
 * As much of a browser as update.php and a login need: cookies, redirects, forms.
 */
final class ParityBrowser
{
    public int $requests = 0;
    private string $base;

    /** @var array<string, string> */
    private array $cookies = [];

    public function __construct(string $base)
    {
        $this->base = $base;
    }

    /** @param array<mixed>|null $form Posted where not null. */
    public function open(string $url, ?array $form = null): ParityPage
    {
        for ($hops = 0; $hops < 12; ++$hops) {
            $url = $url !== '' && $url[0] === '/' ? $this->base . $url : $url;
            [$page, $location] = $this->request($url, $form);
            if ($location === '') {
                return $page;
            }
            $url = $location;
            $form = null;
        }
        throw new ParityTrouble("redirects without end at $url");
    }

    /**
     * @param array<mixed>|null $form
     * @return array{ParityPage, string} The answer, and where it sends us.
     */
    private function request(string $url, ?array $form): array
    {
        ++$this->requests;
        $headers = ['User-Agent: parity', 'Connection: close'];
        if ($this->cookies) {
            $headers[] = 'Cookie: ' . http_build_query($this->cookies, '', '; ', PHP_QUERY_RFC3986);
        }
        if ($form !== null) {
            $headers[] = 'Content-Type: application/x-www-form-urlencoded';
        }
        $page = new ParityPage();
        $page->url = $url;
        // Stays so where nobody answers.
        $http_response_header = [];
        $page->body = (string) @file_get_contents($url, false, stream_context_create(['http' => [
            'method' => $form === null ? 'GET' : 'POST',
            'content' => $form === null ? '' : http_build_query($form),
            'header' => $headers,
            'follow_location' => 0,
            'ignore_errors' => true,
            'timeout' => 300,
        ]]));
        $location = '';
        foreach ($http_response_header as $line) {
            if (preg_match('#^HTTP/\S+ (\d+)#', $line, $found)) {
                $page->status = (int) $found[1];
            } elseif (preg_match('#^Location: (.*)$#i', $line, $found)) {
                $location = trim($found[1]);
            } elseif (preg_match('#^Set-Cookie: ([^=]+)=([^;]*)#i', $line, $found)) {
                $this->cookies[$found[1]] = urldecode($found[2]);
            }
        }
        return [$page, $location];
    }
}
