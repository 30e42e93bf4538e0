. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT diff --output small.log small.log small.log
