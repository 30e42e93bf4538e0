. "$CASES/../lib.sh"
order_model m.lgd
bad_orders bad.log
scan() { "$LOGDETECT" scan --quiet --tz UTC --model m.lgd --format jsonl bad.log | jq -c 'if .type == "session" then [.session, .template_id] elif .type == "summary" then [.allowed.sessions, .allowed.rules[]?.hits] else empty end'; }
scan
$LOGDETECT model allow m.lgd add 'session=o43?'
scan
$LOGDETECT model allow m.lgd remove 1
scan
