<?php

/**
 * Answers one question in a PHP process of its own and ends (docs/worker-protocol.md, "Questions").
 */
final class BdupdateAsker
{
    /** @var bool */
    private static $answered = false;

    /**
     * @param string $token
     * @param callable $question
     * @param array $arguments
     */
    public static function main($token, $question, array $arguments)
    {
        $protocol = new BdupdateProtocol($token);
        register_shutdown_function(function () use ($protocol) {
            if (!self::$answered) {
                $fatal = BdupdateText::fromFatal(error_get_last(), '');
                $protocol->send(array('failure' => 'fatal', 'error' => $fatal === null ? 'it called exit()' : $fatal));
            }
        });
        ob_start(function () {
            return '';
        }, 4096);
        try {
            // As text: the receiver wants the order of keys, which a JSON object has in PHP and in few other places.
            $answer = json_encode(call_user_func_array($question, $arguments), JSON_FORCE_OBJECT | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
            $frame = array('answer' => $answer);
        } catch (Throwable $error) {
            $frame = array('failure' => 'exception', 'error' => BdupdateText::fromThrowable($error, ''));
        }
        self::$answered = true;
        $protocol->send($frame);
    }
}
