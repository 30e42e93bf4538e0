. "$CASES/../lib.sh"
order_model m.lgd
orders today.log 400 80 433
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl >out.jsonl
jq -c 'select(.type == "session") | [.session, .lines, .is_anomaly, (.factors[] | .kind, .text, .typical, .actual)]' out.jsonl
tail -n 1 out.jsonl | jq -c '[.sessions, .lines_read, .new_templates]'
