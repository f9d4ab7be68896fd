<?php

/**
 * The two ends of the protocol: JSON lines marked with the session's token (docs/worker-protocol.md).
 */
final class BdupdateProtocol
{
    /** @var string */
    private $mark;

    /** @var resource */
    private $in;

    /** @var resource */
    private $out;

    /** @var resource|false Keeps descriptor 0 on the null device. */
    private $null;

    /**
     * Takes the standard streams away from what runs later.
     *
     * Descriptor 0 becomes the null device, so that an update (or a program that it starts) that reads its standard input finds its
     * end there, and neither waits nor eats a frame.
     *
     * @param string $token
     */
    public function __construct($token)
    {
        $this->mark = '@bdupdate:' . $token . ' ';
        $in = fopen('php://fd/0', 'rb');
        $out = fopen('php://fd/1', 'wb');
        if ($in === false || $out === false) {
            exit(255);
        }
        $this->in = $in;
        $this->out = $out;
        fclose(STDIN);
        $this->null = @fopen('/dev/null', 'rb');
    }

    /**
     * Writes one frame, on a line of its own.
     */
    public function send(array $frame)
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE;
        $line = "\n" . $this->mark . json_encode($frame, $flags) . "\n";
        for ($done = 0, $size = strlen($line); $done < $size; $done += $put) {
            $put = @fwrite($this->out, $done === 0 ? $line : substr($line, $done));
            if ($put === false || $put === 0) {
                return;
            }
        }
        fflush($this->out);
    }

    /**
     * Waits for the next frame.
     *
     * @return array|null
     *   NULL at the end of the input: whoever started us is gone.
     */
    public function receive()
    {
        while (($line = fgets($this->in)) !== false) {
            if (strpos($line, $this->mark) === 0) {
                $frame = json_decode(substr($line, strlen($this->mark)), true);
                return is_array($frame) ? $frame : null;
            }
        }
        return null;
    }
}
