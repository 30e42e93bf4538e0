. "$CASES/../lib.sh"
order_model m.lgd
$LOGDETECT scan --quiet --tz UTC --model m.lgd --session none --input orders.log --format json | jq -c '[.summary.sessions, has("sessions")]'
