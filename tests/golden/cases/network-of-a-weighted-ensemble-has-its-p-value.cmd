. "$CASES/../lib.sh"
bad_orders today.log
order_model m.lgd --ensemble iforest=0.6,lstm=0.4
$LOGDETECT model info --format json m.lgd | jq -c .ensemble
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl --emit all >out.jsonl
jq -c 'select(.type == "line") | .members | keys_unsorted' out.jsonl | sort | uniq -c | sed 's/^ *//'
jq -c 'select(.session == "o437" and .type == "session") | .members | [keys_unsorted, .lstm < 0.02]' out.jsonl
