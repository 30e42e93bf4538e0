#!/bin/sh
# Runs the command blocks of README.md and docs/*.md, so that what they show is what happens. In a fenced block that
# starts with ```console, lines that start with `$ ` are commands, and the lines below are exactly what they print on
# both streams; a last line `...` stands for anything more. A block runs where data/ is the project's data/ and
# logdetect is in PATH; files stay from block to block of one document.
# With --update the documents are rewritten to show what happens. Output that ends with `...` keeps its number of lines.
# Usage: blocks.sh [--update] LOGDETECT [DOCUMENT...]
set -u
update=no
if [ "${1:-}" = --update ]; then
    update=yes
    shift
fi
[ $# -ge 1 ] || {
    echo "usage: blocks.sh [--update] LOGDETECT [DOCUMENT...]" >&2
    exit 2
}
root=$(cd "$(dirname "$0")/../.." && pwd)
logdetect=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$logdetect" "$work/bin/logdetect"
PATH=$work/bin:$PATH
export PATH TZ=UTC LC_ALL=C
# OpenBLAS sums as suits the processor, and a network's training shows it: compared is what its kernels for AVX2 make.
if grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
    OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Haswell}
    export OPENBLAS_CORETYPE
fi

# split DOCUMENT: writes N.cmd, N.want and N.line (place in the document) for each command of its console blocks.
split() {
    awk -v to="$work/steps" '
        /^ *```console *$/ { inside = 1; next }
        /^ *```/ { inside = 0; next }
        !inside { next }
        /^\$ / {
            n++
            name = sprintf("%s/%03d", to, n)
            print substr($0, 3) > (name ".cmd")
            print NR > (name ".line")
            printf "" > (name ".want")
            more = /\\$/
            next
        }
        n && more { print > (name ".cmd"); more = /\\$/; next }
        n { print > (name ".want") }
    ' "$1"
}

# join DOCUMENT: prints it with what N.new holds below each command, in the order of split.
join() {
    awk -v from="$work/steps" '
        /^ *```console *$/ { inside = 1; shown = 0; print; next }
        /^ *```/ { inside = 0; print; next }
        !inside { print; next }
        /^\$ / { n++; shown = 1; more = 0 }
        /^\$ / || more {
            print
            more = /\\$/
            if (more) next
            name = sprintf("%s/%03d.new", from, n)
            while ((getline text < name) > 0) print text
            close(name)
            next
        }
        !shown { print }
    ' "$1"
}

is_cut() { [ "$(tail -n 1 "$1")" = ... ]; }

# matches GOT WANT: equal, or equal up to the `...` that ends WANT.
matches() {
    if is_cut "$2"; then
        n=$(($(wc -l <"$2") - 1))
        head -n $n "$2" >"$work/want"
        head -n $n "$1" >"$work/got"
        diff -u --label document --label got "$work/want" "$work/got"
    else
        diff -u --label document --label got "$2" "$1"
    fi
}

# renew GOT WANT: prints GOT, cut as WANT is.
renew() {
    if is_cut "$2"; then
        head -n $(($(wc -l <"$2") - 1)) "$1"
        echo ...
    else
        cat "$1"
    fi
}

passed=0
failed=0
[ $# -gt 0 ] || set -- "$root"/README.md "$root"/docs/*.md
for document in "$@"; do
    [ -f "$document" ] || continue
    rm -rf "$work/steps" "$work/run"
    mkdir "$work/steps" "$work/run"
    cp -R "$root/data" "$work/run/data"
    split "$document"
    for command in "$work"/steps/*.cmd; do
        [ -f "$command" ] || continue
        step=${command%.cmd}
        (cd "$work/run" && sh "$command" >"$work/printed" 2>&1 </dev/null)
        if [ $update = yes ]; then
            renew "$work/printed" "$step.want" >"$step.new"
            passed=$((passed + 1))
        elif matches "$work/printed" "$step.want"; then
            passed=$((passed + 1))
        else
            echo "FAILED $document:$(cat "$step.line"): $(cat "$command")"
            failed=$((failed + 1))
        fi
    done
    if [ $update = yes ]; then
        join "$document" >"$work/document"
        cmp -s "$work/document" "$document" || {
            cat "$work/document" >"$document"
            echo "rewritten: $document"
        }
    fi
done
[ $update = no ] || echo "look at the difference before you commit it"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
