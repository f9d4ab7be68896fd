#!/usr/bin/env bash
# How much faster `run` updates many bare sites with --jobs than one after the other, what it takes in memory, and
# that three of them that are broken in different ways leave the others alone.
#
#   tests/bench/many_sites.sh BDUPDATE [SITES] [JOBS] [ROUNDS]
set -euo pipefail
bdupdate=$(realpath "$1") sites=${2:-200} jobs=${3:-2} rounds=${4:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export BDUPDATE_CONFIG=/dev/null

# One site as it is before its two updates; the others are copies.
mkdir -p "$work/new/modules/shop" "$work/new/config"
cat >"$work/new/settings.php" <<'PHP'
<?php
$database = 'sqlite:site.sqlite';
$config_directories['active'] = 'config';
PHP
printf 'name = Shop\ntype = module\nbackdrop = 1.x\n' >"$work/new/modules/shop/shop.info"
echo '<?php' >"$work/new/modules/shop/shop.module"
cat >"$work/new/modules/shop/shop.install" <<'PHP'
<?php
/**
 * Adds a price.
 */
function shop_update_1001() {
  db_add_field('goods', 'price', array('type' => 'int', 'not null' => TRUE, 'default' => 0));
}
/**
 * Sets the price.
 */
function shop_update_1002() {
  db_query('UPDATE {goods} SET price = 7');
  config_set('shop.settings', 'priced', 1);
}
PHP
sqlite3 "$work/new/site.sqlite" <<'SQL'
CREATE TABLE system (filename VARCHAR(255) PRIMARY KEY, name VARCHAR(255), type VARCHAR(12), owner VARCHAR(255) DEFAULT '',
  status INT, bootstrap INT DEFAULT 0, schema_version SMALLINT DEFAULT -1, weight INT DEFAULT 0, info BLOB);
CREATE TABLE state (name VARCHAR(128) PRIMARY KEY, value BLOB);
CREATE TABLE goods (id INTEGER PRIMARY KEY, title TEXT);
INSERT INTO goods VALUES (1, 'tea');
INSERT INTO system (filename, name, type, status, schema_version) VALUES ('modules/shop/shop.module', 'shop', 'module', 1, 1000);
SQL

fresh() {
    rm -rf "$work/sites" "$work/state"
    mkdir "$work/sites"
    for ((i = 1; i <= sites; i++)); do cp -r "$work/new" "$work/sites/site$i"; done
    sync -f "$work"
}
# Microseconds that all of them take: `all JOBS`.
all() {
    local started=${EPOCHREALTIME/./} code=0
    "$bdupdate" run --yes --state-dir "$work/state" --sites-from "$work/sites/*" --jobs "$1" >"$work/out" 2>"$work/err" || code=$?
    echo $((${EPOCHREALTIME/./} - started))
    return $code
}
updated() {
    local count=0
    for site in "$work"/sites/*; do
        [ "$(sqlite3 "$site/site.sqlite" 'SELECT price FROM goods' 2>/dev/null)" = 7 ] && count=$((count + 1))
    done
    echo "$count"
}

ratios=()
for ((round = 0; round < rounds; round++)); do
    fresh
    one=$(all 1)
    [ "$(updated)" = "$sites" ]
    fresh
    many=$(all "$jobs")
    [ "$(updated)" = "$sites" ]
    ratios+=($((one * 100 / many)))
    printf '%d sites: one after the other %d ms, --jobs %d %d ms, ratio %d.%02d\n' "$sites" $((one / 1000)) \
        "$jobs" $((many / 1000)) $((ratios[-1] / 100)) $((ratios[-1] % 100))
done
mapfile -t sorted < <(printf '%s\n' "${ratios[@]}" | sort -n)
printf 'median ratio %d.%02d\n' $((sorted[rounds / 2] / 100)) $((sorted[rounds / 2] % 100))

# Memory: of the parent, and the most of any process below it.
if [ -x /usr/bin/time ]; then
    for count in 10 "$sites"; do
        rm -rf "$work/state"
        rm -f "$work/list"
        for ((i = 1; i <= count; i++)); do echo "$work/sites/site$i" >>"$work/list"; done
        for what in status run; do
            /usr/bin/time -f "%M" -o "$work/memory" "$bdupdate" "$what" --yes --state-dir "$work/state" \
                --sites-from "$work/list" --jobs "$jobs" >/dev/null 2>&1
            printf '%s of %d sites: the largest process took %d KiB\n' "$what" "$count" "$(cat "$work/memory")"
        done
    done
fi

# Three broken in different ways.
fresh
echo '<?php $database = ;' >"$work/sites/site1/settings.php"
echo 'function shop_update_1003() { throw new Exception("no"); }' >>"$work/sites/site2/modules/shop/shop.install"
: >"$work/sites/site3/site.sqlite"
code=0
all "$jobs" >/dev/null || code=$?
printf 'three broken: exit code %d, %d updated\n' "$code" "$(updated)"
tail -4 "$work/out"
[ "$code" = 1 ] && [ "$(updated)" = $((sites - 3)) ]
