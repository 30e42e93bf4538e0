#!/bin/sh
# What was trained on matches again: for each log file of LGD_DATA (default: ../shared/data beside the project; archives
# in it are unpacked into a temporary folder), a model is trained on the file and the same file is scanned with it. No
# template may be new, and every line read must be scored or counted as skipped. Files too short to learn from are
# repeated until they are long enough. Without the network, which has no say in it. Quick: 40 files spread over the sets,
# their first 20,000 lines; LGD_FULL=1: all.
# Usage: rematch.sh LOGDETECT. Exit status 77: no data here.
set -u
export LC_ALL=C
MAX_FILES=40
MAX_LINES=20000
MIN_LINES=4000
[ "${LGD_FULL:-0}" = 1 ] && MAX_FILES=1000000 && MAX_LINES=1000000000

# sample_of FILE: its lines, cut and repeated as above, with a line end after the last one.
sample_of() {
    case $1 in *.gz) gzip -dc "$1" ;; *) cat "$1" ;; esac | head -n "$MAX_LINES" | sed -e '$a\' >"$2.once"
    n_lines=$(wc -l <"$2.once")
    [ "$n_lines" -gt 0 ] || return 1
    : >"$2"
    while [ "$(wc -l <"$2")" -lt $MIN_LINES ]; do
        if [ "$n_lines" -ge $MIN_LINES ]; then mv "$2.once" "$2"; else cat "$2.once" >>"$2"; fi
    done
}

# check FILE WORK: prints one line: ok, short or FAILED, and why.
check() {
    sample_of "$1" "$2/log" || {
        echo "short $1: no lines"
        return
    }
    "$LOGDETECT" train --quiet --text --tz UTC --recipe fast --input "$2/log" --output "$2/m.lgd" >"$2/train.out" 2>"$2/train.err"
    status=$?
    if [ $status = 2 ] && grep -q 'need ' "$2/train.err"; then
        echo "short $1: $(tail -n 1 "$2/train.err")"
        return
    elif [ $status != 0 ]; then
        echo "FAILED $1: train: exit $status: $(tail -n 1 "$2/train.err")"
        return
    fi
    {
        "$LOGDETECT" scan --quiet --text --tz UTC --model "$2/m.lgd" --input "$2/log" --emit all --format jsonl 2>"$2/scan.err"
        echo $? >"$2/status"
    } | grep '^{"type":"summary"' | tail -n 1 >"$2/summary"
    if [ "$(cat "$2/status")" != 0 ]; then
        echo "FAILED $1: scan: exit $(cat "$2/status"): $(tail -n 1 "$2/scan.err")"
    elif ! jq -e --argjson n "$(wc -l <"$2/log")" '.new_templates == 0 and .lines_read == $n
            and .lines_read == .scored + ([.skipped[]] | add // 0)' "$2/summary" >/dev/null 2>&1; then
        echo "FAILED $1: $(jq -c '{new_templates, lines_read, scored, skipped}' "$2/summary" 2>&1)"
    else
        echo "ok $1"
    fi
}

if [ "${1:-}" = --file ]; then # one file, started by xargs below
    work=$(mktemp -d)
    check "$2" "$work"
    rm -rf "$work"
    exit 0
fi

here=$(cd "$(dirname "$0")" && pwd)
LOGDETECT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
export LOGDETECT
data=${LGD_DATA:-$here/../../../shared/data}
if [ ! -d "$data" ]; then
    echo "no logs in $data: set LGD_DATA to a folder of log files; skipped"
    exit 77
fi
unpacked=$(mktemp -d)
trap 'chmod -R u+w "$unpacked"; rm -rf "$unpacked"' EXIT
for archive in "$data"/*.tar.xz; do
    [ ! -f "$archive" ] || tar -xJf "$archive" -C "$unpacked" || exit 1
done

# Tables, documents and ground truth are not logs.
find "$data" "$unpacked" -type f ! -name '*.tar.xz' ! -name '*.csv' ! -name '*.tsv' ! -name '*.md' ! -name '*.labels' \
    ! -name '*.golden' ! -name '*.py' ! -name '*.yaml' ! -name '*.yml' ! -iname '*license*' ! -iname '*readme*' \
    ! -iname 'notice*' ! -iname 'copying*' | sort >"$unpacked/.all"
n_all=$(wc -l <"$unpacked/.all")
if [ "$n_all" = 0 ]; then
    echo "no log files in $data; skipped"
    exit 77
fi
awk -v step=$(((n_all + MAX_FILES - 1) / MAX_FILES)) 'NR % step == 1 || step == 1' "$unpacked/.all" |
    tr '\n' '\0' | xargs -0 -n 1 -P "$(nproc)" sh "$here/rematch.sh" --file >"$unpacked/.results"
sed "s|$unpacked/||" "$unpacked/.results" | grep -v '^ok ' | sort
n_failed=$(grep -c '^FAILED ' "$unpacked/.results")
n_ok=$(grep -c '^ok ' "$unpacked/.results")
n_short=$(grep -c '^short ' "$unpacked/.results")
echo "$n_ok passed, $n_failed failed, $n_short too short, of $n_all files"
[ "$n_failed" = 0 ] && [ "$n_ok" -gt 0 ]
