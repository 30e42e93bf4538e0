. "$CASES/../lib.sh"
bad_orders today.log
order_model m.lgd --ensemble lstm=1
$LOGDETECT scan --quiet --tz UTC --model m.lgd --session none --input today.log
