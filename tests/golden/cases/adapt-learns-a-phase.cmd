. "$CASES/../lib.sh"
orders orders.log 0 400
$LOGDETECT train --recipe fast --quiet --tz UTC --session 'order=(\w+)' --input orders.log --output m.lgd >/dev/null
# From o440 on nothing is handed over any more.
orders all.log 400 400
awk '/order=o(4[4-9]|[5-7])[0-9]+ handed/ { next } { print }' all.log >today.log
for adapt in '' --adapt; do
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl $adapt >out.jsonl
    jq -r 'select(.type == "session" and .is_anomaly) | .session' out.jsonl | sed -n '$p;$=' | tr '\n' ' '
    tail -n 1 out.jsonl | jq -c '[.sessions, .learned]'
done
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --adapt | sed -n '/^Learned/,$p'
