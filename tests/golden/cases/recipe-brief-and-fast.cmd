. "$CASES/../lib.sh"
orders orders.log 0 400
bad_orders today.log
for recipe in brief fast; do
    $LOGDETECT train --quiet --tz UTC --recipe $recipe --epochs 3 --session 'order=(\w+)' --input orders.log --output m.lgd >/dev/null
    $LOGDETECT model info --format json m.lgd | jq -c '[.ensemble.sessions[] | .name, .weight], .network'
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format json | jq -c '.summary | [.scored, .sessions]'
done
