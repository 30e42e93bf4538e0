. "$CASES/../lib.sh"
small_model whole.lgd
head -c 3000 whole.lgd >m.lgd
small_scan >out 2>err
echo $?
grep -c 'm.lgd: damaged' err
wc -c <out
