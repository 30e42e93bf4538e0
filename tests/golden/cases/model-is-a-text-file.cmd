. "$CASES/../lib.sh"
small_log small.log
echo hello >m.lgd
small_scan
