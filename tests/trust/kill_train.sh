#!/bin/sh
# train, and train --update, killed at each system call that touches a file it writes: whatever the moment, the model is the old or the new
# one, byte for byte, and loads; and the next train leaves no temporary file. strace delivers SIGKILL on entry to the call.
# Usage: kill_train.sh LOGDETECT. Exit status 77: strace is missing, or may not trace here.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
MAX_EACH=16 # kills for one system call: the last ones, where files are written

LOGDETECT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
if ! strace -o /dev/null true 2>/dev/null; then
    echo "strace is missing or may not trace here; skipped"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
gzip -dc "$here/../../data/sample/day1/auth.log.gz" | head -n 900 >small.log
gzip -dc "$here/../../data/sample/day2/auth.log.gz" | head -n 300 >more.log
mkdir model

# train OPTION...: on one thread, so that the calls come in one order.
train() { $tracer "$LOGDETECT" train --quiet --recipe "$here/../quick.yaml" --tz UTC --threads 1 "$@" >/dev/null 2>&1; }

# change OUTPUT [TRACER...]: the command under test, which replaces the old model.
change() {
    output=$1
    shift
    tracer=$*
    if [ $how = train ]; then
        train --seed 2 --input small.log --output "$output"
    else
        train --update --input more.log --output "$output"
    fi
}

tracer=
train --input small.log --output old.lgd || exit 1

# is_whole: the model is one of the two and can be read.
is_whole() {
    { cmp -s model/model.lgd old.lgd || cmp -s model/model.lgd new.lgd; } &&
        "$LOGDETECT" model info model >/dev/null 2>&1
}

kills=0
broken=0
before=0 # kills that left the old model
for how in train update; do
    cp old.lgd new.lgd
    change new.lgd || exit 1
    for call in write fsync '?rename,?renameat,renameat2' fchmod fchown flock openat; do
        cp old.lgd model/model.lgd
        change model strace -f -qq -o trace -e "trace=$call"
        n_calls=$(grep -c '(.* = ' trace)
        k=$((n_calls > MAX_EACH ? n_calls - MAX_EACH : 0))
        while [ $k -lt "$n_calls" ]; do
            k=$((k + 1))
            cp old.lgd model/model.lgd
            change model strace -f -qq -o trace -e "trace=$call" -e "inject=$call:signal=SIGKILL:when=$k"
            grep -q 'killed by SIGKILL' trace || continue
            kills=$((kills + 1))
            cmp -s model/model.lgd old.lgd && before=$((before + 1))
            is_whole && continue
            broken=$((broken + 1))
            echo "$how: broken after $call, call $k"
        done
    done
    cp old.lgd model/model.lgd
    change model || broken=$((broken + 1))
    cmp model/model.lgd new.lgd || broken=$((broken + 1))
    left=$(ls -A model | grep -vx model.lgd)
    [ -z "$left" ] || {
        echo "$how: left in the folder: $left"
        broken=$((broken + 1))
    }
done

echo "kills $kills, broken $broken"
# Some kills must come before the new model is in place and some after, or nothing was tried.
[ $broken = 0 ] && [ $before -gt 0 ] && [ $before -lt $kills ]
