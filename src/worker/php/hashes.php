<?php

/**
 * The hashes by which C++ and the worker know that they mean the same (docs/worker-protocol.md, "Hashes").
 */
final class BdupdateHashes
{
    /**
     * SHA-256 over the lines "path size", sorted bytewise, each ended by a newline; '' where config is not in a directory.
     *
     * @return string
     */
    public static function config(BdupdateSite $site)
    {
        $listing = $site->configListing();
        if ($listing === null) {
            return '';
        }
        $lines = array();
        foreach ($listing as $path => $size) {
            $lines[] = $path . ' ' . $size . "\n";
        }
        sort($lines, SORT_STRING);
        return hash('sha256', implode('', $lines));
    }

    /**
     * SHA-256 over the lines "name=number", sorted bytewise, each ended by a newline, of those modules that have a row.
     *
     * @param string|null $written
     *   The module whose number was just written: it must read back as $number.
     * @param int $number
     *
     * @return string
     */
    public static function schema(BdupdateSite $site, array $modules, $written, $number)
    {
        $wanted = array_flip($modules);
        $lines = array();
        foreach ($site->schemaVersions() as $name => $stored) {
            if ((string) $name === $written && $stored !== $number) {
                throw new RuntimeException('the number ' . $number . ' of ' . $written . ' was not stored');
            }
            if (isset($wanted[$name])) {
                $lines[] = $name . '=' . $stored . "\n";
            }
        }
        sort($lines, SORT_STRING);
        return hash('sha256', implode('', $lines));
    }
}
