. "$CASES/../lib.sh"
small_model m.lgd
incidents() { small_scan --format json "$@" | jq -c '[.summary.incidents <= 1, .summary.requested_fpr]'; }
incidents --budget 1/day
incidents --budget 0.001/week
for budget in 5 0/day 5/year x/day; do small_scan --budget $budget; done
small_scan --budget 5/day --fpr 0.1
cut -c 17- small.log >untimed.log
$LOGDETECT train --quiet --tz UTC --recipe fast --input untimed.log --output u.lgd
$LOGDETECT scan --quiet --tz UTC --model u.lgd --budget 5/day untimed.log
