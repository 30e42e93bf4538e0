. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT scan --tz UTC --model nowhere --input small.log
