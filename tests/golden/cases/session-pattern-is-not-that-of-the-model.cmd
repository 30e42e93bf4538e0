. "$CASES/../lib.sh"
order_model m.lgd
$LOGDETECT scan --quiet --tz UTC --model m.lgd --session 'shop\[(\d+)\]' --input orders.log
