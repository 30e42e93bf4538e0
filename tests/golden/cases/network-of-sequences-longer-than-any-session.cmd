. "$CASES/../lib.sh"
bad_orders today.log
order_model m.lgd --sequence-length 100 --epochs 10
$LOGDETECT model info --format json m.lgd | jq -c .network
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl | told
