. "$CASES/../lib.sh"
# Orders of two kinds: the second begins with the second log.
order_model m.lgd
orders new.log 400 400
sed 's/packed in box/wrapped in box/' new.log >later.log
orders third.log 800 80
sed 's/packed in box/wrapped in box/' third.log >next.log
flagged() { $LOGDETECT scan --quiet --tz UTC --model m.lgd --format jsonl --emit all "$@" | jq -c 'select(.type == "session" and .is_anomaly) | .session' | wc -l; }
flagged --input next.log
$LOGDETECT train --quiet --tz UTC --update --input later.log --output m.lgd >/dev/null
flagged --input next.log
flagged --input orders.log
bad_orders bad.log
flagged --input bad.log
