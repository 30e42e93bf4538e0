. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT parse --quiet --tz UTC --no-header --format jsonl small.log >out.jsonl
head -n 2 out.jsonl
jq -c '[.timestamp, .level, .component]' out.jsonl | sort | uniq -c | sed 's/^ *//'
jq -r .message out.jsonl | cmp - small.log
