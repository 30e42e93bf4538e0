. "$CASES/../lib.sh"
orders orders.log 0 400
orders today.log 400 80
swap_steps today.log 437 3 4
cut_off today.log 455 3
for ensemble in lstm=1 counts=1,lstm=1; do
    $LOGDETECT train --quiet --tz UTC --session 'order=(\w+)' --recipe "$(small_network)" --ensemble $ensemble --input orders.log --output m.lgd >/dev/null
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl |
        jq -c 'select(.type == "session" and .is_anomaly) | [.session, (.members | keys_unsorted), (.factors[] | .kind, .text, .typical, .actual | sub("p [0-9].*"; "p N)"))]'
done
