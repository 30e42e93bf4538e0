. "$CASES/../lib.sh"
bad_orders today.log
order_model m.lgd
$LOGDETECT scan --quiet --tz UTC --model m.lgd --session none --input today.log --format json | jq -c '[.summary.anomalies, has("sessions")]'
