. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT scan --tz UTC --model m.lgd --input small.log --input nothing-here.log --format json >out.json
