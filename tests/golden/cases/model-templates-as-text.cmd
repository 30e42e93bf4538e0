. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT model templates m.lgd | head -n 3
$LOGDETECT model templates -v m.lgd | head -n 20
