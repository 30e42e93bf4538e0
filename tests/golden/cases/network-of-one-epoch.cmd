. "$CASES/../lib.sh"
orders orders.log 0 400
$LOGDETECT train --quiet --tz UTC --recipe "$QUICK" --epochs 1 --session 'order=(\w+)' --input orders.log --output m.lgd --format json >out.json
jq -c '.summary | .network_problem, (.network | [.windows, .distinct, .fitted, .held_out, .vocabulary, .epochs, .stopped_by, .loss_kind], (.loss > 0 and .loss < 4))' out.json
$LOGDETECT train --tz UTC --recipe "$QUICK" --epochs 1 --session 'order=(\w+)' --input orders.log --output m.lgd | grep network | sed 's/[0-9.]* bits/N bits/'
