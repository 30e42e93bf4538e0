#!/bin/sh
# The release build: links everything but libc from archives and checks that the program needs no other library.
# Usage: static.sh BUILD_FOLDER [COMPILER]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
compiler=${2:-cc}
mkdir -p "$build"

set -- -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release -DLGD_STATIC=ON -DLGD_TESTS=OFF
if ! { cmake -S "$root" -B "$build" "$@" && cmake --build "$build" --parallel "$(nproc)" --target logdetect; } >"$build/log" 2>&1; then
    tail -n 40 "$build/log"
    exit 1
fi

program=$(find "$build" -type f -name logdetect -perm -u+x | head -n 1)
needed=$(ldd "$program" | awk '{ print $1 }' | grep -Ev '^(linux-vdso\.so|libc\.so|libm\.so|/lib.*/ld-linux|statically|not)' || true)
if [ -n "$needed" ]; then
    echo "the static program needs: $needed"
    exit 1
fi
# OpenBLAS starts a thread for each core when it is loaded, unless it is told not to in time.
if strace -o "$build/trace" true 2>/dev/null; then
    strace -f -o "$build/trace" -e trace=clone,clone3 "$program" --version >/dev/null
    if grep -q clone "$build/trace"; then
        echo "--version starts threads"
        exit 1
    fi
fi
"$program" --version
echo "static: $(wc -c <"$program") bytes, needs libc alone"
