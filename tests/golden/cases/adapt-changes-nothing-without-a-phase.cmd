. "$CASES/../lib.sh"
orders orders.log 0 400
$LOGDETECT train --recipe fast --quiet --tz UTC --session 'order=(\w+)' --input orders.log --output m.lgd >/dev/null
orders all.log 400 400
# One order in fifty is never packed; thirty in a row are not charged.
awk '/order=o[4-7][0-9]*[13]7 packed/ { next } /order=o5[0-2][0-9] charged/ { next } { print }' all.log >today.log
for adapt in '' --adapt; do
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl --emit all $adapt | jq -c 'del(.learned) | walk(if type == "number" then . * 1e4 | round else . end)' >out$adapt.jsonl
done
cmp out.jsonl out--adapt.jsonl && jq -r 'select(.type == "session" and .is_anomaly) | .session' out.jsonl | wc -l
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format json --adapt | jq -c .summary.learned
