<?php
// Reads .info texts with Backdrop's own parser, found in the file that the first argument names. Stdin: for each text
// its length in decimal, a newline, its bytes. Stdout: serialize() of the array in hexadecimal, and a line ".".

$source = file_get_contents($argv[1]);
preg_match('/^function backdrop_parse_info_format\(.*?^}/ms', $source, $found);
eval($found[0]);
define('BACKDROP_VERSION', '1.2.3');

while (($length = fgets(STDIN)) !== false) {
  $text = (int) $length > 0 ? stream_get_contents(STDIN, (int) $length) : '';
  echo bin2hex(serialize(backdrop_parse_info_format($text))), "\n.\n";
}
