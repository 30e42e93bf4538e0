#!/bin/sh
# A GPU that fails in the middle of a training loses nothing: at calls of the driver spread over the whole training, in each
# way in which the stand-in for the driver can fail, train ends with status 0, one warning and a model that finds what the
# model of an undisturbed training finds; or, while the GPU is opened, with status 2 and no model.
# Usage: gpu_failures.sh LOGDETECT SAMPLE SHIM_FOLDER
set -eu
program=$1
sample=$2
LD_LIBRARY_PATH=$3${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
work=$(mktemp -d)
trap 'wait; rm -rf "$work"' EXIT # for those in the background too
cd "$work"
gzip -dc "$sample/day1/auth.log.gz" | head -n 600 >log

# train MODE CALL FOLDER: a new model; what was said and the status beside it.
train() {
    rm -rf "$3"
    mkdir "$3"
    status=0
    LGD_SHIM_MODE=$1 LGD_SHIM_FAIL_AT=$2 LGD_SHIM_CAPABILITY=80 \
        "$program" train --device cuda --epochs 1 --output "$3/model" log >"$3/out" 2>"$3/err" || status=$?
    echo $status >"$3/status"
}

# bad MESSAGE: shows what there was.
bad() {
    echo "$mode at call $call: $1 (status $status)"
    cat "$folder/err"
    exit 1
}

found() { "$program" scan --model "$folder/model" --device cpu log 2>/dev/null | wc -l; }

# judge WORDS: the training in $folder went as it may; told=1: it went on on the CPU, as the GPU said WORDS.
judge() {
    told=0
    status=$(cat "$folder/status")
    case $status in
    0)
        [ "$(wc -l <"$folder/err")" -le 1 ] || bad "more than one warning"
        if grep -q "GPU: .*$1.*again on the CPU" "$folder/err"; then
            told=1
        elif [ -s "$folder/err" ]; then
            bad "a warning of other words"
        fi
        [ "$(found)" = "$want" ] || bad "another result"
        ;;
    2)
        grep -q -e '--device cuda: .*GPU: ' "$folder/err" || bad "no reason"
        [ ! -e "$folder/model/model.lgd" ] || bad "there is a model"
        ;;
    *) bad "neither done nor refused" ;;
    esac
}

mode=none call=0 folder=well
train error 0 $folder
[ $status = 0 ] && [ ! -s $folder/err ] || bad "an undisturbed training does not go well"
want=$(found)

# Those that keep the program waiting do so beside the others.
hangs_at=300
for mode in hang stuck; do
    train $mode $hangs_at $mode &
done

# After a fault every call fails: the first training that is not told of one has had fewer calls than that. In the other
# modes a single call may fail for which nobody cares, such as to release a graph.
runs=0
end=0
folder=one
for mode in fault memory error; do
    call=1 n_told=0
    while [ $end = 0 ] || [ $call -lt $end ]; do
        train $mode $call $folder
        judge ""
        runs=$((runs + 1))
        n_told=$((n_told + told))
        if [ $mode = fault ] && [ "$status" = 0 ] && [ $told = 0 ]; then end=$call; fi
        call=$((2 * call))
    done
    [ $n_told -ge 4 ] || bad "only $n_told failures were told of"
done

wait
call=$hangs_at
for mode in hang stuck; do
    folder=$mode
    judge "no answer for"
    [ $told = 1 ] || bad "no warning"
done
echo "gpu_failures: $((runs + 2)) trainings of less than $end calls"
