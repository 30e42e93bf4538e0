. "$CASES/../lib.sh"
order_model m.lgd
orders today.log 400 12
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl --emit all >out.jsonl
jq -r 'select(.type == "session") | [.session, .first_line, .last_line, .lines] | @tsv' out.jsonl
jq -r 'select(.type == "line") | .session' out.jsonl | sort | uniq -c | sed 's/^ *//'
