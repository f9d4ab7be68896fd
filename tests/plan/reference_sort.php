<?php
/**
 * Sorts 0..n-1 by a comparison that is none, with PHP's own usort(): "size seed" a line; out: the result, and how many
 * comparisons were made.
 */
while (($line = fgets(STDIN)) !== FALSE) {
  list($size, $seed) = array_map('intval', explode(' ', $line));
  $list = $size ? range(0, $size - 1) : array();
  $asked = 0;
  usort($list, function ($a, $b) use ($seed, &$asked) {
    ++$asked;
    return (($a * 7919 + $b * 104729 + $seed * 31) % 101) % 2 ? 1 : -1;
  });
  echo implode(' ', $list), " asked $asked\n";
}
