. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input small.log --input nothing-here.log --format json >out.json
status=$?
jq -c '.summary | [.complete, .lines_read, (.problems | length)]' out.json
exit $status
