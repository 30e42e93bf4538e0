. "$CASES/../lib.sh"
small_model m.lgd
mkdir -p logs/deeper
cp small.log logs/deeper/
$LOGDETECT scan --quiet --tz UTC --model m.lgd -r --input logs --format json | jq -c '.summary.lines_read'
