<?php

/**
 * What the harness cannot go on without: a tree that does not install, a server that does not start.
 */
final class ParityTrouble extends RuntimeException
{
}

/**
 * What a program ended with.
 */
final class ParityOutcome
{
    public int $code;
    public string $out;
    public string $err;

    public function __construct(int $code, string $out, string $err)
    {
        $this->code = $code;
        $this->out = $out;
        $this->err = $err;
    }

    /** The last lines of both outputs. */
    public function tail(): string
    {
        $lines = explode("\n", trim($this->out . "\n" . $this->err));
        return implode("\n", array_slice($lines, -15));
    }
}

/**
 * Runs a program to its end, without a shell.
 *
 * @param list<string> $command
 */
function parity_run(array $command, string $directory = '', string $input = ''): ParityOutcome
{
    // Files, not pipes: nobody has to read two of them at once.
    $streams = [tmpfile(), tmpfile(), tmpfile()];
    fwrite($streams[0], $input);
    rewind($streams[0]);
    $process = proc_open($command, $streams, $unused, $directory === '' ? null : $directory);
    if ($process === false) {
        throw new ParityTrouble("cannot start $command[0]");
    }
    $code = proc_close($process);
    $texts = [];
    foreach ([1, 2] as $i) {
        rewind($streams[$i]);
        $texts[] = (string) stream_get_contents($streams[$i]);
    }
    return new ParityOutcome($code, $texts[0], $texts[1]);
}

/**
 * The same for a program that must succeed.
 *
 * @param list<string> $command
 */
function parity_must_run(string $what, array $command, string $directory = '', string $input = ''): ParityOutcome
{
    $outcome = parity_run($command, $directory, $input);
    if ($outcome->code !== 0) {
        throw new ParityTrouble("$what ended with $outcome->code:\n" . $outcome->tail());
    }
    return $outcome;
}

/** A TCP port of this machine that nobody listens on. */
function parity_free_port(): int
{
    $socket = stream_socket_server('tcp://127.0.0.1:0');
    if ($socket === false) {
        throw new ParityTrouble('no free port');
    }
    return (int) substr((string) strrchr((string) stream_socket_get_name($socket, false), ':'), 1);
}
