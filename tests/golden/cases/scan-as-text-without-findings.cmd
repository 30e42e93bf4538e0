. "$CASES/../lib.sh"
small_model m.lgd
small_scan
