. "$CASES/../lib.sh"
small_model whole.lgd
size=$(wc -c <whole.lgd)
for step in 0 1 2 3 4 5 6 7 8 9 10 11; do
    cp whole.lgd m.lgd
    at=$((step * (size - 1) / 11))
    old=$(od -An -tu1 -j $at -N 1 whole.lgd)
    put "\\$(printf %03o $(((old + 1) % 256)))" m.lgd $at
    small_scan >/dev/null 2>&1
    echo $?
done | sort | uniq -c | sed 's/^ *//'
