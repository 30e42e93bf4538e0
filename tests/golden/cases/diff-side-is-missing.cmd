. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT diff small.log missing.log
