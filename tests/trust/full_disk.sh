#!/bin/sh
# A full disk: in a file system of 96 KiB, train and scan --output fail with status 2 and say so, what was there stays
# byte for byte, and no temporary file is left. The file system is a tmpfs in a mount namespace of its own.
# Usage: full_disk.sh LOGDETECT. Exit status 77: no mount namespace can be made here.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
n_failed=0

# expect WHAT COMMAND...: counts and names what does not hold.
expect() {
    what=$1
    shift
    "$@" && return
    echo "FAILED: $what"
    n_failed=$((n_failed + 1))
}

# refused WHAT: the last command failed with status 2 and one line that names the disk as the reason.
refused() {
    expect "$1: exit status $status, not 2" [ "$status" = 2 ]
    expect "$1: $(cat "$work/err")" grep -q "^logdetect: .*$2.*No space left on device" "$work/err"
    expect "$1: more than one line: $(cat "$work/err")" [ "$(wc -l <"$work/err")" = 1 ]
    expect "$1: the old model changed" cmp -s "$disk/m.lgd" "$work/before.lgd"
    expect "$1: left behind: $(ls -A "$disk")" [ "$(ls -A "$disk" | tr '\n' ' ')" = "$3" ]
}

inside() {
    mkdir "$disk"
    mount -t tmpfs -o size=96k tmpfs "$disk" || return 77
    cp "$work/before.lgd" "$disk/m.lgd" || return 1
    "$LOGDETECT" train --quiet --recipe "$here/../quick.yaml" --tz UTC --seed 7 --input "$work/small.log" --output "$disk/m.lgd" >/dev/null 2>"$work/err"
    status=$?
    refused "train over an older model" m.lgd "m.lgd "
    "$LOGDETECT" train --quiet --recipe "$here/../quick.yaml" --tz UTC --input "$work/small.log" --output "$disk/new.lgd" >/dev/null 2>"$work/err"
    status=$?
    refused "train to a new model" new.lgd "m.lgd "
    for format in jsonl csv; do
        "$LOGDETECT" scan --quiet --tz UTC --model "$disk/m.lgd" --input "$work/small.log" --format $format --emit all \
            --output "$disk/report" >"$work/out" 2>"$work/err"
        status=$?
        refused "scan to $format" report "m.lgd "
        expect "scan to $format: prints a result" [ ! -s "$work/out" ]
    done
    echo older >"$disk/report"
    "$LOGDETECT" scan --quiet --tz UTC --model "$disk/m.lgd" --input "$work/small.log" --format jsonl --emit all \
        --output "$disk/report" >"$work/out" 2>"$work/err"
    status=$?
    refused "scan over an older report" report "m.lgd report "
    expect "scan over an older report: it changed" [ "$(cat "$disk/report")" = older ]
    "$LOGDETECT" scan --quiet --tz UTC --model "$disk/m.lgd" --input "$work/small.log" --output "$disk/report" 2>"$work/err"
    expect "what is small enough is written: $(cat "$work/err")" grep -q '^Scanned 900 lines' "$disk/report"
    umount "$disk"
    echo "$n_failed failed"
    [ $n_failed = 0 ]
}

if [ "${1:-}" = --inside ]; then
    LOGDETECT=$2
    work=$3
    disk=$work/disk
    inside
    exit
fi

LOGDETECT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
as_root=
[ "$(id -u)" = 0 ] || as_root=-r
# shellcheck disable=SC2086 # an option or nothing
if ! unshare -m $as_root true 2>/dev/null; then
    echo "no mount namespace can be made here; skipped"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gzip -dc "$here/../../data/sample/day1/auth.log.gz" | head -n 900 >"$work/small.log"
"$LOGDETECT" train --quiet --recipe "$here/../quick.yaml" --tz UTC --input "$work/small.log" --output "$work/before.lgd" >/dev/null || exit 1
if [ "$(wc -c <"$work/before.lgd")" -gt 90000 ]; then
    echo "FAILED: the model of a small log has more than 90,000 bytes; this test needs one that fits once and not twice"
    exit 1
fi
# shellcheck disable=SC2086
unshare -m $as_root sh "$here/full_disk.sh" --inside "$LOGDETECT" "$work"
