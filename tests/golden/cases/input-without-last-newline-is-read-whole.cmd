. "$CASES/../lib.sh"
small_model m.lgd
head -c -1 small.log >open.log
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input open.log --format json | jq -c '.summary | [.lines_read, .new_templates]'
