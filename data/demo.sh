#!/bin/sh
# Shows logdetect at work: installs what is missing, builds into build/, learns three normal days of the shipped sample
# and scans the bad one. Usage: sh data/demo.sh [--no-install]
set -eu
LGD_ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$LGD_ROOT/data/deps.sh"

may_install=yes
for argument in "$@"; do
    case $argument in
    --no-install) may_install=no ;;
    *)
        echo "usage: sh data/demo.sh [--no-install]" >&2
        exit 2
        ;;
    esac
done

echo "== 1. packages"
# shellcheck disable=SC2086 # a list of names
lgd_need $may_install $LGD_BUILD_PACKAGES

cd "$LGD_ROOT"
echo "== 2. build into build/"
if [ ! -f build/CMakeCache.txt ]; then
    lgd_configure build -DCMAKE_BUILD_TYPE=Release -DLGD_TESTS=OFF >/dev/null
fi
cmake --build build --parallel "$(lgd_jobs)" --target logdetect >build/demo.log 2>&1 || {
    cat build/demo.log >&2
    exit 1
}
logdetect=$(find build -type f -name logdetect -perm -u+x | head -n 1)

run() {
    echo "\$ logdetect $*"
    "$logdetect" "$@"
}
echo "== 3. learn three normal days"
run train --quiet --tz UTC --input 'data/sample/day*/*.gz' --output build/sample-model
echo "== 4. scan the fourth, which is bad (what is wrong with it: data/sample/bad/labels.tsv)"
run scan --tz UTC --model build/sample-model --input 'data/sample/bad/*.gz'
