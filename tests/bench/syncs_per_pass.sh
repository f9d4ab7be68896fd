#!/usr/bin/env bash
# syncs_per_pass.sh BDUPDATE: fsync calls of bdupdate and of PHP in a run of 200 passes that change no config, and of 200 that do.
# Wanted: bdupdate's own do not grow with the passes in the first, and by one a pass in the second.
set -euo pipefail
program=$(realpath "$1")
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for with_config in '' yes; do
    rm -rf "$place"/*
    cp -R "$source_dir/docs/example-site" "$place/site"
    cd "$place/site"
    sqlite3 site.sqlite <site.sql
    cat >modules/dues/dues.install <<'PHP'
<?php
function dues_update_1005(&$sandbox) {
  $sandbox['n'] = isset($sandbox['n']) ? $sandbox['n'] + 1 : 1;
  if (getenv('WITH_CONFIG')) {
    config('club.settings')->set('n', $sandbox['n'])->save();
  }
  $sandbox['#finished'] = $sandbox['n'] / 200;
}
PHP
    WITH_CONFIG=$with_config BDUPDATE_STATE_DIR=$place/state strace -f -e trace=fsync,fdatasync,execve -o "$place/trace" \
        "$program" run --yes --no-backup --module dues >/dev/null 2>&1
    own=$(awk 'NR == 1 { print $1 }' "$place/trace")
    echo "200 passes ${with_config:+that write config}: bdupdate $(awk -v own="$own" '$1 == own && /sync/' "$place/trace" | wc -l)," \
        "PHP and others $(awk -v own="$own" '$1 != own && /sync/' "$place/trace" | wc -l)"
done
