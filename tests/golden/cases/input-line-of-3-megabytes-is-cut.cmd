. "$CASES/../lib.sh"
small_model m.lgd
{ cat small.log; head -c 3000000 /dev/zero | tr '\0' x; echo; tail -n 1 small.log; } >long.log
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input long.log --format jsonl --emit all >out.jsonl
tail -n 1 out.jsonl | jq -c '[.lines_read, .scored]'
