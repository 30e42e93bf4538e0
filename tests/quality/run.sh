#!/bin/sh
# How well it does: on public sets grouping accuracy of templates, new events, anomalous sessions, rates of false alarms,
# incidents of injected faults; on ten days of the sample's shop faults that lgd-inject puts there. Both generators are
# looked for beside the program's build, in ../../data from it. The sets are in LGD_DATA (default: ../shared/data
# beside the project) as archives, which are unpacked into a
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
made=$(dirname "$LOGDETECT")/../../data
for program in lgd-sample lgd-inject; do
    [ -x "$made/$program" ] || {
        echo "no $program in $made; skipped"
        exit 77
    }
done
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

# A week of each of the shop's logs, a glob, and its next three days in one file.
shop_logs() {
    "$made/lgd-sample" --out "$work/shop" --days 10 || return 1
    for log in app.log access.log db.log auth.log syslog; do
        cat "$work/shop/day8/$log" "$work/shop/day9/$log" "$work/shop/day10/$log" >"$work/shop/$log" || return 1
        printf '%s\n' "$work/shop/day[1-7]/$log" "$work/shop/$log"
    done
}
shop_logs >"$work/shop.list" || exit 1

{
    echo "measurement,figure,value"
    python3 "$here/groups.py" "$work/loghub_2k" || echo failed
    python3 "$here/novelty.py" "$work/loghub_2k" || echo failed
    python3 "$here/sessions.py" "$work/hdfs" || echo failed
    python3 "$here/incidents.py" "$work/openstack" || echo failed
    python3 "$here/rates.py" "$work/openstack" || echo failed
    FAULTS_TRAIN="--recipe fast" xargs python3 "$here/faults.py" "$made/lgd-inject" 2 3 shop <"$work/shop.list" || echo failed
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
