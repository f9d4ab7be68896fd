<?php

/**
 * What is told of a request that failed (docs/worker-protocol.md).
 */
final class BdupdateFailure
{
    /**
     * @param Throwable $error
     * @param BdupdateGuard|null $guard
     * @param string $root
     *
     * @return array
     */
    public static function report($error, $guard, $root)
    {
        $kind = 'exception';
        if ($error instanceof BdupdateInterrupted) {
            $kind = 'interrupted';
        } elseif ($error instanceof BdupdateTransactionLost || ($guard !== null && $guard->refusal() !== null)) {
            $kind = 'lost';
        }
        $text = $error instanceof BdupdateInterrupted ? $error->getMessage() : BdupdateText::fromThrowable($error, $root);
        if ($kind === 'lost' && !$error instanceof BdupdateTransactionLost && $guard !== null) {
            $refusal = (string) $guard->refusal();
            $text = strpos($text, $refusal) === false ? $refusal . ' (' . $text . ')' : $text;
        }
        return array('failure' => $kind, 'error' => $text, 'trace' => BdupdateText::trace($error, $root));
    }
}
