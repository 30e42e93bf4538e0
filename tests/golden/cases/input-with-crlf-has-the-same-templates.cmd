. "$CASES/../lib.sh"
small_model m.lgd
sed 's/$/\r/' small.log >crlf.log
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input crlf.log --format json | jq -c '.summary | [.lines_read, .new_templates]'
