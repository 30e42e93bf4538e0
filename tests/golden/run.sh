#!/bin/sh
# Command lines as data: runs each cases/NAME.cmd with sh in a fresh folder and compares what it prints, what it says on
# standard error and its exit status with NAME.out, NAME.err and NAME.exit (missing: empty, empty, 0).
# The snippet sees $LOGDETECT, $SAMPLE (data/sample), $CASES (the folder of the cases) and $TMP (where it runs); their
# paths are written as $SAMPLE, $CASES and $TMP in what is compared. lib.sh holds what several cases need.
# Usage: run.sh [--update] LOGDETECT [NAME...]
set -u
here=$(cd "$(dirname "$0")" && pwd)
CASES=$here/cases
SAMPLE=$(cd "$here/../../data/sample" && pwd)
export CASES SAMPLE
export TZ=UTC LC_ALL=C
# OpenBLAS sums as suits the processor, and a network's training shows it: compared is what its kernels for AVX2 make.
if grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
    OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Haswell}
    export OPENBLAS_CORETYPE
fi

# normalise FILE: the machine's paths become names, its speed a letter.
normalise() {
    sed -e 's|in [0-9.]* s, [0-9,]* lines/s|in N s, N lines/s|' -e "s|$TMP|\$TMP|g" -e "s|$CASES|\$CASES|g" -e "s|$SAMPLE|\$SAMPLE|g" -e "s|$LOGDETECT|logdetect|g" "$1"
}

# keep FILE WANTED: writes what a case printed as what is expected of it; nothing is expected of an empty file.
keep() {
    if [ -s "$1" ]; then cp "$1" "$2"; else rm -f "$2"; fi
}

# expect GOT WANTED: shows how they differ.
expect() {
    wanted=$2
    [ -e "$wanted" ] || wanted=/dev/null
    diff -u --label "$(basename "$2")" --label got "$wanted" "$1"
}

run_case() {
    name=$1
    work=$(mktemp -d)
    TMP=$work/run
    export TMP
    mkdir "$TMP"
    (cd "$TMP" && sh "$CASES/$name.cmd" >"$work/raw.out" 2>"$work/raw.err" </dev/null)
    status=$?
    normalise "$work/raw.out" >"$work/out"
    normalise "$work/raw.err" >"$work/err"
    : >"$work/exit"
    [ $status = 0 ] || echo $status >"$work/exit"
    outcome=0
    for kind in out err exit; do
        if [ "$UPDATE" = yes ]; then
            keep "$work/$kind" "$CASES/$name.$kind"
        else
            expect "$work/$kind" "$CASES/$name.$kind" >>"$work/difference" || outcome=1
        fi
    done
    if [ $outcome = 1 ]; then
        { echo "FAILED $name" && cat "$work/difference"; } >"$work/report"
        cat "$work/report"
        echo "$name" >>"$FAILED"
    fi
    chmod -R u+rwx "$work" 2>/dev/null
    rm -rf "$work"
}

if [ "${1:-}" = --case ]; then # one case, started by xargs below
    run_case "$2"
    exit 0
fi

UPDATE=no
if [ "${1:-}" = --update ]; then
    UPDATE=yes
    shift
fi
[ $# -ge 1 ] || {
    echo "usage: run.sh [--update] LOGDETECT [NAME...]" >&2
    exit 2
}
LOGDETECT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
FAILED=$(mktemp)
trap 'rm -f "$FAILED"' EXIT
export LOGDETECT UPDATE FAILED

[ $# -gt 0 ] || set -- $(cd "$CASES" && ls | sed -n 's/\.cmd$//p')
[ $# -gt 0 ] || {
    echo "no cases in $CASES"
    exit 1
}
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh "$here/run.sh" --case
n_failed=$(wc -l <"$FAILED")
[ $UPDATE = no ] || echo "rewritten: look at the difference before you commit it"
echo "$(($# - n_failed)) passed, $n_failed failed"
[ "$n_failed" = 0 ]
