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
sh "$root/tests/trust/no_threads.sh" "$program" || [ $? = 77 ]
"$program" --version
echo "static: $(wc -c <"$program") bytes, needs libc alone"
