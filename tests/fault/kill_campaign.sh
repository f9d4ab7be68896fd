#!/bin/bash
# A kill campaign against a site of your own: run it by hand, for as long as you like, and on a copy only.
#
#   kill_campaign.sh --docroot DIR --reset CMD --compare CMD [options]
#
#   --docroot DIR       the site; its updates are pending after --reset
#   --reset CMD         shell command that makes site and database as they were before the updates
#   --compare CMD       shell command that exits with 0 if the site is now what an undisturbed run leaves
#   --bdupdate PROGRAM  default: bdupdate
#   --state DIR         state directory, emptied before each kill; default: a temporary one
#   --kills N           default: 100
#   --seed N            default: by the clock; printed, and the same seed kills at the same moments
#   --options "..."     further options of `run`, such as "--on-failure stop"
#   --victims "..."     of: program worker both server; default: "program worker both"
#   --server-pid FILE   the database server's pid file, for the victim `server`
#   --server-start CMD  shell command that starts the server again and returns when it answers
#   --mark CMD          shell command that prints the state in the mark's row, for the statistics
#   --span MS           how long an undisturbed run takes, where that is known: the three that find out are left out
#   --keep DIR          where the output of runs that ended wrongly is kept; default: a temporary directory
#
# A kill: reset; run, SIGKILL of a random victim at a random moment of the whole run; every third time recover, SIGKILL at a random
# moment (every ninth time twice); recover; run; compare. Ends with 0 if every end was exact.
set -u
docroot='' reset='' compare='' bdupdate=bdupdate state='' kills=100 seed=$(date +%s) options='' victims='program worker both'
server_pid='' server_start='' mark='' keep='' known=''
while [ $# -ge 2 ]; do
  case $1 in
    --docroot) docroot=$2 ;; --reset) reset=$2 ;; --compare) compare=$2 ;; --bdupdate) bdupdate=$2 ;; --state) state=$2 ;;
    --kills) kills=$2 ;; --seed) seed=$2 ;; --options) options=$2 ;; --victims) victims=$2 ;; --server-pid) server_pid=$2 ;;
    --server-start) server_start=$2 ;; --mark) mark=$2 ;; --keep) keep=$2 ;; --span) known=$2 ;;
    *) echo "unknown option: $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -n "$docroot" ] && [ -n "$reset" ] && [ -n "$compare" ] || { sed -n '2,21p' "$0" | cut -c3-; exit 2; }
[ -n "$state" ] || state=$(mktemp -d)
[ -n "$keep" ] || keep=$(mktemp -d)
mkdir -p "$keep"
export BDUPDATE_STATE_DIR=$state
RANDOM=$seed
read -r -a chosen <<<"$victims"
read -r -a options <<<"$options"
out=$keep/current

now_ms() { echo $(($(date +%s%N) / 1000000)); }
random_ms() { echo $(((RANDOM * 32768 + RANDOM) % ($1 + 1))); }
children() { cat /proc/"$1"/task/*/children 2>/dev/null; }
renew() { rm -rf "${state:?}"/*; bash -c "$reset" >"$keep/reset.log" 2>&1 || { echo "the reset failed:"; cat "$keep/reset.log"; exit 2; }; }

# Starts the program in the background, kills the victim after a while; sets rc and story.
disturb() {
  local victim=${chosen[$((RANDOM % ${#chosen[@]}))]} after program workers
  after=$(random_ms "$span")
  (cd "$docroot" && exec "$bdupdate" "$@" --yes "${extra[@]}") >>"$out" 2>&1 &
  program=$!
  sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
  read -r -a workers <<<"$(children $program)"
  # Where it has no child at that moment there is only one to kill.
  [ "$victim" = worker ] && [ ${#workers[@]} = 0 ] && victim=program
  case $victim in
    program) kill -9 $program ;;
    worker) kill -9 "${workers[@]}" ;;
    both) kill -9 "${workers[@]}" $program ;;
    server) kill -9 "$(cat "$server_pid")" ;;
  esac 2>/dev/null
  [ "$victim" = server ] && bash -c "$server_start" >>"$keep/server.log" 2>&1
  wait $program 2>/dev/null
  rc=$?
  story="$story; $1: $victim after $after ms (ended with $rc)"
  hit="$victim"
}

extra=("${options[@]}")
span=${known:-999999999}
for _ in ${known:-1 2 3}; do
  [ -n "$known" ] && break
  renew
  started=$(now_ms)
  (cd "$docroot" && "$bdupdate" run --yes "${options[@]}") >"$out" 2>&1 || { echo "the undisturbed run fails:"; cat "$out"; exit 2; }
  took=$(($(now_ms) - started))
  [ $took -lt $span ] && span=$took
done
[ -n "$known" ] || bash -c "$compare" >"$keep/compare.log" 2>&1 || { echo "the undisturbed run does not compare:"; tail -20 "$keep/compare.log"; exit 2; }
echo "seed $seed, an undisturbed run takes $span ms, outputs in $keep"
span=$((span * 105 / 100))

exact=0 wrong=0 recoveries=0
declare -A where
for ((i = 1; i <= kills; i++)); do
  renew
  : >"$out"
  story="kill $i"
  extra=("${options[@]}")
  disturb run
  place=''
  if [ -n "$mark" ]; then place=$(bash -c "$mark" 2>/dev/null | head -1); place=${place:-none}; fi
  key="$hit/${place:-?}"
  where[$key]=$((${where[$key]:-0} + 1))
  if ((i % 3 == 0)); then
    echo "--- recover, to be killed" >>"$out"
    extra=()
    disturb recover
    recoveries=$((recoveries + 1))
    if ((i % 9 == 0)); then disturb recover; fi
  fi
  echo "--- recover" >>"$out"
  (cd "$docroot" && "$bdupdate" recover --yes) >>"$out" 2>&1
  recovered=$?
  # A worker that was killed is a failed update: what the policy undid is tried again.
  echo "--- run" >>"$out"
  (cd "$docroot" && "$bdupdate" run --yes --retry "${options[@]}") >>"$out" 2>&1
  ran=$?
  bash -c "$compare" >"$keep/compare.log" 2>&1
  same=$?
  if [ $recovered = 0 ] && [ $ran = 0 ] && [ $same = 0 ]; then
    exact=$((exact + 1))
  else
    wrong=$((wrong + 1))
    cp "$out" "$keep/wrong.$i"
    cp "$keep/compare.log" "$keep/wrong.$i.compare"
    echo "WRONG $story; mark ${place:-?}: recover $recovered, run $ran, compare $same"
  fi
  ((i % 25 == 0)) && echo "$i kills, exact $exact, wrong $wrong"
done
echo "kills $kills, recover killed too $recoveries, exact $exact, wrong $wrong"
for key in "${!where[@]}"; do echo "  $key ${where[$key]}"; done | sort
[ $wrong = 0 ]
