#!/bin/sh
# Builds logdetect and runs its tests: with gcc; with clang, ASan and UBSan; those that use threads with TSan.
# Installs what is missing. The last line is `N passed, N failed` over all runs.
# Usage: sh tests/run.sh [--no-install] [--quick] [--compiler gcc|clang]
#   --quick     one build, no sanitizers
#   --compiler  the one for the quick build, or the only one of the full run (default: gcc, then clang)
set -u
LGD_ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$LGD_ROOT/data/deps.sh"

usage() {
    sed -n '4,6s/^# //p' "$LGD_ROOT/tests/run.sh" >&2
    exit 2
}

may_install=yes
quick=no
compiler=both
while [ $# -gt 0 ]; do
    case $1 in
    --no-install) may_install=no ;;
    --quick) quick=yes ;;
    --compiler)
        [ $# -gt 1 ] || usage
        compiler=$2
        shift
        ;;
    *) usage ;;
    esac
    shift
done
case $compiler in gcc | clang | both) ;; *) usage ;; esac

passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# count LOG: adds the figures of a ctest run; a run without figures is one failure.
count() {
    line=$(grep 'tests failed out of' "$1" | tail -n 1)
    if [ -z "$line" ]; then
        failed=$((failed + 1))
        return
    fi
    n_failed=$(echo "$line" | sed 's/.*, \([0-9]*\) tests* failed out of \([0-9]*\)/\1/')
    n_tests=$(echo "$line" | sed 's/.*out of \([0-9]*\)/\1/')
    n_skipped=$(grep -c '(Skipped)$' "$1")
    failed=$((failed + n_failed))
    skipped=$((skipped + n_skipped))
    passed=$((passed + n_tests - n_failed - n_skipped))
}

# suite NAME CTEST_OPTIONS CMAKE_OPTION...: configures, builds and tests in build/test-NAME.
suite() {
    name=$1
    ctest_options=$2
    shift 2
    folder=$LGD_ROOT/build/test-$name
    echo "== $name: $*"
    if ! { lgd_configure "$folder" "$@" && cmake --build "$folder" --parallel "$(lgd_jobs)"; } >"$log" 2>&1; then
        tail -n 60 "$log"
        echo "$name: the build failed"
        failed=$((failed + 1))
        return
    fi
    # shellcheck disable=SC2086 # a list of options
    ctest --test-dir "$folder" --parallel "$(lgd_jobs)" --output-on-failure --no-tests=error $ctest_options 2>&1 | tee "$log"
    count "$log"
}

# shellcheck disable=SC2086 # a list of names
lgd_need $may_install $LGD_TEST_PACKAGES || exit 1

if [ $quick = yes ]; then
    [ $compiler = both ] && compiler=gcc
    suite "$compiler" "" -DCMAKE_C_COMPILER=$compiler -DCMAKE_BUILD_TYPE=Release -DLGD_WERROR=ON
else
    [ $compiler = clang ] || suite gcc "" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Release -DLGD_WERROR=ON
    [ $compiler = gcc ] || suite clang-asan-ubsan "" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DLGD_WERROR=ON -DLGD_SANITIZE=address,undefined
    [ $compiler = clang ] || suite gcc-tsan "-L threads" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DLGD_WERROR=ON -DLGD_SANITIZE=thread
fi

[ "$skipped" = 0 ] || echo "$skipped skipped, because what they need is not here"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
