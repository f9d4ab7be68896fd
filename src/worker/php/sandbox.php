<?php

/**
 * What an update keeps from one pass to the next.
 */
final class BdupdateSandbox
{
    /**
     * The value of #finished, taken out of the sandbox.
     *
     * @param mixed $sandbox
     *
     * @return float
     */
    public static function finished(&$sandbox)
    {
        if (!is_array($sandbox) || !isset($sandbox['#finished'])) {
            return 1.0;
        }
        $value = $sandbox['#finished'];
        unset($sandbox['#finished']);
        if (is_bool($value)) {
            return $value ? 1.0 : 0.0;
        }
        if (!is_numeric($value) || is_nan((float) $value)) {
            throw new UnexpectedValueException('#finished is no number: ' . (is_scalar($value) ? var_export($value, true) : gettype($value)));
        }
        return (float) $value;
    }

    /**
     * @param mixed $sandbox
     *
     * @return string
     */
    public static function pack($sandbox)
    {
        try {
            return serialize($sandbox);
        } catch (Throwable $error) {
            throw new UnexpectedValueException('the sandbox cannot be kept until the next pass: ' . $error->getMessage(), 0, $error);
        }
    }

    /**
     * @param string $packed
     *   In base64; '' starts an update.
     *
     * @return mixed
     */
    public static function unpack($packed)
    {
        if ($packed === '') {
            return array();
        }
        $text = (string) base64_decode($packed, true);
        $sandbox = @unserialize($text);
        if ($sandbox === false && $text !== 'b:0;') {
            throw new UnexpectedValueException('the sandbox of the pass before cannot be read');
        }
        return $sandbox;
    }
}
