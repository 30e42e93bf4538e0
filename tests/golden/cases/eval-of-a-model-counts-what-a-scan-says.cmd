. "$CASES/../lib.sh"
# What the tool's own threshold finds is what scan calls anomalous.
labelled_orders
"$LOGDETECT" train --quiet --tz UTC --recipe fast --session 'order=(\w+)' --input orders.log --output m.lgd >/dev/null
"$LOGDETECT" scan --quiet --tz UTC --model m.lgd --format jsonl bad.log | jq -c 'select(.type == "session") | .session'
"$LOGDETECT" eval --quiet --tz UTC --model m.lgd --labels labels.csv --format json bad.log | jq -c '.training, .tested, .alarms, .problems'
