#!/usr/bin/env bash
# How much faster `bdupdate status` answers than `bee updb` answered "n", pair by pair, on a site with pending updates.
#
#   tests/bench/status_vs_bee.sh BDUPDATE DOCROOT BEE.PHP [PAIRS]
set -euo pipefail
bdupdate=$(realpath "$1") docroot=$2 bee=$(realpath "$3") pairs=${4:-11}
cd "$docroot"

# Microseconds that a command takes.
elapsed() {
    local started=${EPOCHREALTIME/./}
    "$@" >/dev/null 2>&1 || true
    echo $((${EPOCHREALTIME/./} - started))
}
answered_no() { php "$bee" updb <<<n; }

# Both must work, or the figures mean nothing; and the first runs warm the caches.
"$bdupdate" status | grep pending >/dev/null
answered_no | grep -i update >/dev/null
ratios=()
for ((i = 0; i < pairs; i++)); do
    ours=$(elapsed "$bdupdate" status)
    theirs=$(elapsed answered_no)
    ratios+=($((theirs * 100 / ours)))
    printf 'bdupdate %6d us   bee %7d us   ratio %3d.%02d\n' "$ours" "$theirs" $((theirs / ours)) $((ratios[i] % 100))
done
mapfile -t sorted < <(printf '%s\n' "${ratios[@]}" | sort -n)
median=${sorted[$((pairs / 2))]}
printf 'median ratio %d.%02d (min %d.%02d)\n' $((median / 100)) $((median % 100)) $((sorted[0] / 100)) $((sorted[0] % 100))
if command -v /usr/bin/time >/dev/null; then
    /usr/bin/time -f 'peak memory %M KiB' "$bdupdate" status >/dev/null
fi
