. "$CASES/../lib.sh"
small_model m.lgd
gzip -c small.log | head -c 6000 >cut.gz
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input cut.gz --format json >out.json
status=$?
jq -c '.summary | [.complete, .lines_read > 100]' out.json
exit $status
