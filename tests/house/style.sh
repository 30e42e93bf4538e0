#!/bin/sh
# The rules of the house that a script can check: what lies at the top, how long files are, what the library never
# calls, no paths of a machine, and the format of the code (where clang-format is there).
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
failed=0

# bad MESSAGE: when there is something on standard input, the rule is broken.
bad() {
    found=$(cat)
    [ -n "$found" ] || return 0
    echo "$1:"
    echo "$found" | sed 's/^/    /'
    failed=1
}

code=$(find src include tests data -name '*.[ch]')
program=$(find src include -name '*.[ch]')
library=$(find src include -name '*.[ch]' ! -path 'src/cli/*' ! -path src/main.c ! -path src/pipeline/pack.c) # a tool of the build

# Without comments and strings; lines keep their numbers.
bare() {
    awk 'FNR == 1 { comment = 0 }
    {
        text = $0; out = ""
        gsub(/\\./, "", text)
        while (text != "") {
            if (comment) {
                end = index(text, "*/")
                if (!end) break
                text = substr(text, end + 2); comment = 0
            } else if (match(text, /"[^"]*"|\/\*|\/\//)) {
                out = out substr(text, 1, RSTART - 1)
                what = substr(text, RSTART, RLENGTH)
                text = substr(text, RSTART + RLENGTH)
                if (what == "/*") comment = 1
                else if (what == "//") break
                else out = out "\"\""
            } else { out = out text; break }
        }
        print FILENAME ":" FNR ": " out
    }' "$@"
}

# calls NAMES FILE...: lines that call one of the functions (an alternation).
calls() {
    names=$1
    shift
    bare "$@" | grep -E "(^|[^A-Za-z0-9_.>])($names) *\(" | cut -c 1-160
}

# build*/ and model/ are git-ignored: what is built, and what the README's commands make.
ls | grep -Ev '^(CMakeLists\.txt|src|include|models|tests|data|docs|README\.md|LICENSE|build.*|model)$' |
    bad "not at the top level"
for file in $program; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 800 ] || echo "$file: $lines lines"
done | bad "longer than 800 lines"
calls 'strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|alloca|system|popen' $program | bad "never called here"
calls 'exit|_exit|abort|printf|puts|putchar|fprintf|perror|getenv|time|clock_gettime|gettimeofday' $library |
    bad "not in the library: it never exits, never prints, reads neither environment nor clock"
grep -nE '(^|[^A-Za-z0-9_])(/home/|/work/|/root/|/Users/)[a-z]' -r $code CMakeLists.txt src/*.cmake data/*.sh tests --include='*.[ch]' \
    --include='*.sh' --include='*.txt' --include='*.cmake' | grep -v 'tests/house/style.sh' | bad "a path of one machine"
if command -v clang-format >/dev/null; then
    for file in $code; do
        clang-format --style=file --dry-run -Werror "$file" >/dev/null 2>&1 || echo "$file"
    done | bad "not as clang-format writes it"
else
    echo "clang-format is not here: the format of the code is not checked"
fi
[ $failed = 0 ] && echo "style: $(echo "$code" | wc -w) files checked"
exit $failed
