#!/usr/bin/env bash
# How long bdupdate's backups and restores take, against the plain tools on the same machine:
#   MariaDB  create : mariadb-dump | gzip > file        restore : gunzip < file | mariadb
#   SQLite   create : cp + fsync
# and how much memory they take at most. Starts a MariaDB server of its own, with durable commits, and stops it.
#
#   tests/bench/backup_speed.sh BDUPDATE [MIB of text, 1024] [ROUNDS, 1]
set -euo pipefail
bdupdate=$(realpath "$1") mib=${2:-1024} rounds=${3:-1}
work=$(mktemp -d "${TMPDIR:-/tmp}/bdbench-XXXXXX")
server=
finish() {
    if [[ -n $server ]]; then kill "$server" && wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT

# --- text as people write it: words by Zipf's law, about 40 % of its size when compressed
awk 'BEGIN {
    srand(7); words = 20000; consonants = "bcdfghklmnprstvw"; vowels = "aeiou"
    for (w = 0; w < words; w++) {
        n = 1 + int(rand() * 4); word = ""
        for (s = 0; s < n; s++)
            word = word substr(consonants, 1 + int(rand() * 16), 1) substr(vowels, 1 + int(rand() * 5), 1)
        vocabulary[w] = rand() < 0.3 ? word "n" : word
    }
    for (row = 0; bytes < 64 * 1048576; row++) {
        text = ""
        target = 200 + int(rand() * 3000)
        while (length(text) < target) text = text " " vocabulary[int(words ^ rand()) - 1] (rand() < 0.08 ? "," : "")
        bytes += length(text)
        printf "%s\t%d\n", text, int(rand() * 100000)
    }
}' >"$work/text.tsv"
copies=$(((mib + 63) / 64))

# --- servers and sites
mkdir "$work/data" "$work/tmp"
mariadb-install-db --no-defaults --auth-root-authentication-method=normal --datadir="$work/data" \
    --tmpdir="$work/tmp" --user="$(id -un)" >/dev/null 2>&1
mariadbd --no-defaults --datadir="$work/data" --socket="$work/sock" --pid-file="$work/pid" --skip-networking \
    --user="$(id -un)" --innodb-buffer-pool-size=512M --innodb-log-file-size=256M --max-allowed-packet=1G \
    >"$work/server.log" 2>&1 &
server=$!
sql() { mariadb --no-defaults -uroot -S "$work/sock" --local-infile "$@"; }
for _ in $(seq 100); do sql -e 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1; done
sql -e 'CREATE DATABASE site; CREATE DATABASE other; SET GLOBAL local_infile = 1'
sql site -e 'CREATE TABLE `schema` (name VARCHAR(190) PRIMARY KEY, schema_version INT);
    CREATE TABLE body (id INT AUTO_INCREMENT PRIMARY KEY, text LONGTEXT, created INT, KEY created (created)) CHARSET utf8mb4'
for ((i = 0; i < copies; i++)); do
    sql site -e "LOAD DATA LOCAL INFILE '$work/text.tsv' INTO TABLE body CHARACTER SET utf8mb4 (text, created)"
done
make_site() {
    mkdir -p "$work/$1/config/active" "$work/$1/modules"
    printf '<?php\n%s\n$config_directories = ["active" => "config/active", "staging" => "config/staging"];\n' "$2" \
        >"$work/$1/settings.php"
    echo '{}' >"$work/$1/config/active/system.core.json"
}
make_site mysql "\$database = ['driver' => 'mysql', 'database' => 'site', 'username' => 'root', 'password' => '',
    'host' => 'localhost', 'unix_socket' => '$work/sock'];"
make_site sqlite "\$database = 'sqlite:site.sqlite';"
{
    echo 'CREATE TABLE "schema" (name TEXT PRIMARY KEY, schema_version INTEGER);'
    echo 'CREATE TABLE body (text TEXT, created INTEGER);'
    printf '.mode tabs\n'
    for ((i = 0; i < copies; i++)); do echo ".import $work/text.tsv body"; done
} | sqlite3 -cmd 'PRAGMA synchronous=OFF' "$work/sqlite/site.sqlite"
rm "$work/text.tsv"

# --- measuring
# Runs a command; leaves its milliseconds in $took and the largest resident memory of the program itself, without
# the programs that it starts, in $peak (KiB).
timed() {
    sync
    local started=${EPOCHREALTIME/./} pid
    "$@" >"$work/out" 2>&1 &
    pid=$!
    peak=0
    while [[ -e /proc/$pid/status ]]; do
        now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        [[ -n $now ]] && peak=$now
        sleep 0.05
    done
    wait "$pid" || { cat "$work/out"; exit 1; }
    took=$(((${EPOCHREALTIME/./} - started) / 1000))
}
# In the background of timed(): the shell becomes the program, so that it is the program's memory that is looked at.
on() { cd "$work/$1" && shift && BDUPDATE_STATE_DIR="$work/state" exec "$bdupdate" "$@"; }
plain_dump() {
    set -o pipefail
    mariadb-dump --no-defaults -uroot -S "$work/sock" --single-transaction --quick --hex-blob site | gzip >"$work/plain.sql.gz"
    sync "$work/plain.sql.gz"
}
plain_restore() { gunzip <"$work/plain.sql.gz" | mariadb --no-defaults -uroot -S "$work/sock" other; }
plain_copy() { cp "$work/sqlite/site.sqlite" "$work/copy.sqlite" && sync "$work/copy.sqlite"; }
compare() { # what, ours, theirs
    printf '%-16s bdupdate %7d ms   plain %7d ms   ratio %d.%02d   peak %d KiB\n' "$1" "$2" "$3" \
        $(($2 / $3)) $(($2 * 100 / $3 % 100)) "$4"
}

printf '%s MiB of text; SQLite file %s MiB\n' "$mib" "$(($(stat -c %s "$work/sqlite/site.sqlite") >> 20))"
for ((round = 0; round < rounds; round++)); do
    timed plain_dump; theirs=$took
    timed on mysql backup create; compare 'mariadb create' "$took" "$theirs" "$peak"
    timed on mysql backup verify; printf '%-16s bdupdate %7d ms   (part of create and of restore)\n' 'mariadb verify' "$took"
    sql -e 'DROP DATABASE other; CREATE DATABASE other'
    timed plain_restore; theirs=$took
    timed on mysql backup restore latest --yes --no-backup; compare 'mariadb restore' "$took" "$theirs" "$peak"
    timed plain_copy; theirs=$took; rm "$work/copy.sqlite"
    timed on sqlite backup create; compare 'sqlite create' "$took" "$theirs" "$peak"
    timed on sqlite backup restore latest --yes --no-backup; compare 'sqlite restore' "$took" "$theirs" "$peak"
    rm -rf "$work/state"
done
