#!/bin/sh
# Labelled faults in a normal log: the same seed gives the same bytes; every line that is not of the log is in the truth,
# and the truth's lines are not of the log; times never go back; a log that cannot carry a kind is told so.
# Usage: inject.sh LGD_INJECT SAMPLE_FOLDER
set -eu
export LC_ALL=C
inject=$1
sample=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
    echo "$1"
    failed=1
}

# run NAME SEED [option...]: the application's log of the third day, the others being normal
run() {
    name=$1
    seed=$2
    shift 2
    "$inject" --train "$sample/day[12]/app.log.gz" --input "$sample/day3/app.log.gz" --output "$work/$name.log" \
        --truth "$work/$name.csv" --seed "$seed" "$@" 2>"$work/$name.err"
}

run one 7 --count 12
run two 7 --count 12
run other 8 --count 12
run few 7 --count 2 --kinds silence,level_shift
cmp "$work/one.log" "$work/two.log" && cmp "$work/one.csv" "$work/two.csv" || fail "the same seed gives other bytes"
! cmp -s "$work/one.csv" "$work/other.csv" || fail "another seed gives the same faults"

gzip -dc "$sample/day3/app.log.gz" >"$work/normal.log"
# Columns behind the text in quotes hold no comma: lines are what stands in the last quotes.
sed 1d "$work/one.csv" | sed 's/"$//; s/.*"//' | tr ' ' '\n' | grep . | sort -n >"$work/told"
awk 'NR == FNR { normal[$0]; next } !($0 in normal) { print FNR }' "$work/normal.log" "$work/one.log" >"$work/strange"
awk 'NR == FNR { told[$1]; next } !($1 in told)' "$work/told" "$work/strange" >"$work/untold"
[ ! -s "$work/untold" ] || fail "lines of no fault that are not of the log: $(tr '\n' ' ' <"$work/untold")"
[ "$(wc -l <"$work/strange")" -ge 20 ] || fail "hardly a line is strange"
[ -z "$(uniq -d "$work/told")" ] || fail "a line is of two faults"
grep -E '^[0-9]{4}-' "$work/one.log" | cut -c 1-23 | sort -c || fail "times go back"

for kind in new_template burst silence order rare_value numeric_drift missing_event level_shift; do
    cat "$work/one.csv" "$work/few.csv" | grep -q "^F[0-9]*,$kind," || fail "no $kind"
done
grep -q '^new_template: [1-9]' "$work/one.err" || fail "what was injected is not told"

# Without times there is no rate.
cut -c 25- "$work/normal.log" | grep -v '^$' >"$work/untimed.log"
if "$inject" --train "$work/untimed.log" --input "$work/untimed.log" --output "$work/none.log" --truth "$work/none.csv" \
    --kinds burst,silence 2>"$work/none.err"; then
    fail "a burst without times"
fi
grep -q 'carries no fault; nothing was written' "$work/none.err" || fail "not said: $(cat "$work/none.err")"

echo "inject: $(sed 1d "$work/one.csv" | wc -l) faults, $(wc -l <"$work/strange") strange lines looked at"
exit $failed
