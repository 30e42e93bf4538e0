. "$CASES/../lib.sh"
several_lines java.lang.IllegalStateException com.acme.Stock.take >traces.log
$LOGDETECT parse --quiet --tz UTC --format jsonl traces.log | jq -c '[.line, .message]' | head -n 9
