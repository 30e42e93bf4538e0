. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT parse --quiet --tz UTC --model m.lgd --format jsonl small.log | jq -c '[.line, .template_id]' >parsed
small_scan --format jsonl --emit all | jq -c 'select(.type == "line") | [.line, .template_id]' >scanned
cmp parsed scanned && wc -l <parsed
