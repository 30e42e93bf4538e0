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
trap 'rm -rf "$work"' EXIT
cd "$work"
gzip -dc "$sample/day1/auth.log.gz" | head -n 600 >log

# train MODE CALL: a new model.
train() {
    rm -rf model
    status=0
    LGD_SHIM_MODE=$1 LGD_SHIM_FAIL_AT=$2 LGD_SHIM_CAPABILITY=80 \
        "$program" train --device cuda --epochs 1 --output model log >out 2>err || status=$?
}

# bad MESSAGE: shows what there was.
bad() {
    echo "$mode at call $call: $1 (status $status)"
    cat err
    exit 1
}

train error 0
mode=none call=0
[ $status = 0 ] && [ ! -s err ] || bad "an undisturbed training does not go well"
found() { "$program" scan --model model --device cpu log 2>/dev/null | wc -l; }
want=$(found)

runs=0
told=0
for mode in fault memory; do
    call=1 next=2 calls=1
    while [ "$calls" = 1 ]; do
        train $mode $call
        runs=$((runs + 1))
        case $status in
        0)
            [ "$(wc -l <err)" -le 1 ] || bad "more than one warning"
            if grep -q 'GPU: .*again on the CPU' err; then told=$((told + 1)); else calls=0; fi
            [ "$(found)" = "$want" ] || bad "another result"
            ;;
        2)
            grep -q -e '--device cuda: .*GPU: ' err || bad "no reason"
            [ ! -e model/model.lgd ] || bad "there is a model"
            ;;
        *) bad "neither done nor refused" ;;
        esac
        sum=$((call + next))
        call=$next
        next=$sum
    done
done
[ $told -ge 10 ] || {
    echo "only $told failures were told of"
    exit 1
}
echo "gpu_failures: $runs trainings, $told went on on the CPU"
