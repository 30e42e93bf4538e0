#!/bin/sh
# Runs a fuzz target on its seeds and what it makes of them. A finding is kept beside the target and printed as base64.
# Usage: run.sh fuzz_NAME LOGDETECT [libFuzzer option...], such as -runs=20000 or -max_total_time=90
set -u
here=$(cd "$(dirname "$0")" && pwd)
target=$1
logdetect=$2
shift 2
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT

python3 "$here/seeds.py" "$(basename "$target")" "$logdetect" "$corpus" || exit 1
TZ=UTC "$target" -seed=1 -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$target-" "$@" "$corpus" >"$corpus.log" 2>&1
status=$?
if [ $status = 0 ]; then
    grep -E '^(Done|stat::(number_of_executed|new_units|peak_rss))' "$corpus.log"
else
    tail -n 60 "$corpus.log"
fi
rm -f "$corpus.log"
exit $status
