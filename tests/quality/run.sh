#!/bin/sh
# How well it does on public sets: grouping accuracy of templates, new events, anomalous sessions, incidents of injected
# faults. The sets are in LGD_DATA (default: ../shared/data beside the project) as archives, which are unpacked into a
# temporary folder. Prints a table and compares it with results.csv: no figure may fall by more than .01. --update
# rewrites it.
# Usage: run.sh [--update] LOGDETECT. Exit status 77: the sets or Python are not here.
set -u
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1
SETS="loghub_2k hdfs openstack"
TOLERANCE=0.01

here=$(cd "$(dirname "$0")" && pwd)
update=no
if [ "${1:-}" = --update ]; then
    update=yes
    shift
fi
[ $# = 1 ] || {
    echo "usage: run.sh [--update] LOGDETECT" >&2
    exit 2
}
LOGDETECT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
export LOGDETECT
data=${LGD_DATA:-$here/../../../shared/data}
command -v python3 >/dev/null || {
    echo "no python3; skipped"
    exit 77
}
for set in $SETS; do
    [ -f "$data/$set.tar.xz" ] || {
        echo "no $set.tar.xz in $data: set LGD_DATA to the folder that has it; skipped"
        exit 77
    }
done
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
for set in $SETS; do
    mkdir "$work/$set"
    tar -xJf "$data/$set.tar.xz" -C "$work/$set" || exit 1
done

{
    echo "measurement,figure,value"
    python3 "$here/groups.py" "$work/loghub_2k" || echo failed
    python3 "$here/novelty.py" "$work/loghub_2k" || echo failed
    python3 "$here/sessions.py" "$work/hdfs" || echo failed
    python3 "$here/incidents.py" "$work/openstack" || echo failed
} >"$work/results.csv"
if grep -q failed "$work/results.csv"; then
    exit 1
fi
if [ $update = yes ]; then
    cp "$work/results.csv" "$here/results.csv"
    echo "rewritten: look at the difference before you commit it"
fi
# A figure that is missing on either side is a failure too.
awk -F , -v tolerance=$TOLERANCE '
    FNR == 1 { next }
    NR == FNR { wanted[$1 " " $2] = $3; next }
    {
        name = $1 " " $2
        verdict = !(name in wanted) ? "FAILED, not in results.csv" : $3 < wanted[name] - tolerance ? "FAILED" : "ok"
        printf "%-45s %.4f  before %.4f  %s\n", name, $3, wanted[name], verdict
        n_failed += verdict != "ok"
        delete wanted[name]
    }
    END {
        for (name in wanted) { printf "%-45s was not measured  FAILED\n", name; n_failed++ }
        printf "%d failed\n", n_failed
        exit n_failed > 0
    }' "$here/results.csv" "$work/results.csv"
