#!/bin/sh
# Compares the scanner with PHP's token_get_all() over the same files, in turn, several times:
#   tests/bench/scan_vs_php.sh BUILD_DIRECTORY CORE_DIRECTORY [PAIRS]
# The build should be of type Release, with -DBDUPDATE_BENCH=ON. Needs bench_scan in BUILD_DIRECTORY/tests/bench.
set -eu
[ $# -ge 2 ] || { echo "usage: $0 BUILD_DIRECTORY CORE_DIRECTORY [PAIRS]" >&2; exit 2; }
bench=$1/tests/bench/bench_scan
core=$2
pairs=${3:-5}

php_rate() {
  php -d opcache.enable_cli=0 -d memory_limit=-1 -d short_open_tag=0 -r '
    $sources = [];
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($argv[1])) as $file) {
      if (preg_match("/\.(php|inc|module|install|engine|profile)$/", $file)) $sources[] = file_get_contents($file);
    }
    // CPU time, as Google Benchmark counts bytes per second: other work on the machine does not count.
    $cpu = function () {
      $usage = getrusage();
      return $usage["ru_utime.tv_sec"] + $usage["ru_stime.tv_sec"] +
        ($usage["ru_utime.tv_usec"] + $usage["ru_stime.tv_usec"]) / 1e6;
    };
    $best = INF;
    for ($i = 0; $i < 5; $i++) {
      $start = $cpu();
      foreach ($sources as $source) token_get_all($source);
      $best = min($best, $cpu() - $start);
    }
    printf("%.1f", array_sum(array_map("strlen", $sources)) / $best / 1e6);' "$core"
}

our_rate() {
  BDUPDATE_REAL_CORE=$core "$bench" --benchmark_filter="^$1\$" --benchmark_format=csv 2>/dev/null |
    awk -F, -v name="\"$1\"" '$1 == name { printf "%.1f", $6 / 1e6 }'
}

i=0
while [ $i -lt "$pairs" ]; do
  i=$((i + 1))
  php=$(php_rate)
  tokens=$(our_rate tokenize)
  outline=$(our_rate outline)
  echo "$php $tokens $outline" | awk '{
    printf "token_get_all %s MB/s   tokenize %s MB/s (%.1f x)   outline %s MB/s (%.1f x)\n", $1, $2, $2/$1, $3, $3/$1 }'
done
