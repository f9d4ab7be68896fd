<?php

/**
 * Collects what PHP, the site and an update say besides the protocol.
 */
final class BdupdateTalk
{
    const OUTPUT_LIMIT = 65536;
    const MESSAGE_LIMIT = 200;
    const TEXT_LIMIT = 4096;

    /** @var array<string, array{0: string, 1: string, 2: int}> What was said since the last report: kind, text, how often. */
    private $messages = array();

    /** @var int Messages that were too many to keep. */
    private $left = 0;

    /** @var string */
    private $output = '';

    /** @var int Bytes of output that were too many to keep. */
    private $dropped = 0;

    /** @var bool An update runs, nothing else. */
    private $updating = false;

    /** @var string */
    private $root = '';

    /**
     * @param bool $updating
     * @param string $root
     *   The docroot, taken off the front of file names.
     */
    public function about($updating, $root)
    {
        $this->updating = $updating;
        $this->root = $root;
    }

    /**
     * Becomes PHP's error handler.
     */
    public function listen()
    {
        set_error_handler(array($this, 'onError'));
    }

    /**
     * @return int
     *   The level to give to closeBuffers().
     */
    public function openBuffer()
    {
        $level = ob_get_level();
        ob_start(array($this, 'onOutput'), 4096);
        return $level;
    }

    /**
     * Closes buffers down to $level; what is in them is collected.
     *
     * @param int $level
     */
    public function closeBuffers($level)
    {
        while (ob_get_level() > $level && @ob_end_flush()) {
            continue;
        }
    }

    /**
     * Collects what an update prints. Public because PHP calls it.
     *
     * @param string $buffer
     *
     * @return string
     */
    public function onOutput($buffer)
    {
        $room = self::OUTPUT_LIMIT - strlen($this->output);
        $this->output .= $room > 0 ? substr($buffer, 0, $room) : '';
        $this->dropped += max(0, strlen($buffer) - max(0, $room));
        return '';
    }

    /**
     * Collects PHP's warnings and notices. Public because PHP calls it.
     *
     * @param int $level
     * @param string $text
     * @param string $file
     * @param int $line
     *
     * @return bool
     */
    public function onError($level, $text, $file = '', $line = 0)
    {
        if (($level & error_reporting()) === 0) {
            return true;
        }
        if ($level === E_RECOVERABLE_ERROR) {
            throw new ErrorException($text, 0, $level, $file, $line);
        }
        $names = array(
            E_WARNING => 'warning', E_NOTICE => 'notice', E_USER_ERROR => 'error', E_USER_WARNING => 'warning',
            E_USER_NOTICE => 'notice', E_DEPRECATED => 'deprecated', E_USER_DEPRECATED => 'deprecated',
        );
        $name = isset($names[$level]) ? $names[$level] : 'notice';
        if ($name === 'deprecated' && !$this->updating) {
            // Hundreds of them where core is older than PHP, and nothing that the operator could do about it.
            return true;
        }
        $this->keep('php', $name . ': ' . $text . ' (' . BdupdateText::place($file, $line, $this->root) . ')');
        return true;
    }

    /**
     * Keeps a message, or counts it where it was said before.
     *
     * @param string $kind
     * @param string $text
     */
    private function keep($kind, $text)
    {
        $key = $kind . ' ' . $text;
        if (isset($this->messages[$key])) {
            $this->messages[$key][2]++;
        } elseif (count($this->messages) >= self::MESSAGE_LIMIT) {
            $this->left++;
        } else {
            $this->messages[$key] = array($kind, strlen($text) > self::TEXT_LIMIT ? substr($text, 0, self::TEXT_LIMIT) . '…' : $text, 1);
        }
    }

    /**
     * Everything collected since the last call, the site's own messages included.
     *
     * @param BdupdateSite|null $site
     *
     * @return array
     *   A list of array(kind, text, how often).
     */
    public function take($site)
    {
        if ($site !== null) {
            foreach ($site->takeMessages() as $message) {
                $this->keep($message[0], BdupdateText::fromHtml((string) $message[1]));
            }
        }
        $all = array_values($this->messages);
        if ($this->left > 0) {
            $all[] = array('php', $this->left . ' more messages left out', 1);
        }
        foreach (explode("\n", $this->output) as $line) {
            if (trim($line) !== '') {
                $all[] = array('output', rtrim($line), 1);
            }
        }
        if ($this->dropped > 0) {
            $all[] = array('output', '… ' . $this->dropped . ' more bytes left out', 1);
        }
        $this->messages = array();
        $this->left = 0;
        $this->output = '';
        $this->dropped = 0;
        return $all;
    }
}
