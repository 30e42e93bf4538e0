. "$CASES/../lib.sh"
small_log small.log
: >m.lgd
small_scan
