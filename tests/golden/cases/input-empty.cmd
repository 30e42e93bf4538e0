. "$CASES/../lib.sh"
small_model m.lgd
: >empty.log
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input empty.log --format json | jq -c '.summary | [.lines_read, .anomalies, .complete]'
