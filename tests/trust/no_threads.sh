#!/bin/sh
# No thread starts before the program wants one: OpenBLAS starts one for each core when it is loaded, unless it is told not
# to in time, and where the system gives no thread it kills the process.
# Usage: no_threads.sh LOGDETECT; 77: strace cannot be used here
set -eu
program=$1
trace=$(mktemp)
trap 'rm -f "$trace"' EXIT

strace -o "$trace" true 2>/dev/null || exit 77
strace -f -o "$trace" -e trace=clone,clone3 "$program" --version >/dev/null
if grep clone "$trace"; then
    echo "--version starts threads"
    exit 1
fi
echo "no_threads: --version starts none"
