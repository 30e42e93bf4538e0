. "$CASES/../lib.sh"
orders orders.log 0 400
orders today.log 400 80 433
$LOGDETECT train --recipe "$QUICK" --quiet --tz UTC --session 'order=(\w+)' --ensemble novelty=0.1,counts=0.9 --input orders.log --output m.lgd >/dev/null
$LOGDETECT model info m.lgd | grep -A 1 members
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl | jq -c 'select(.type == "session") | [.session, (.members | keys_unsorted), .factors[].kind]'
