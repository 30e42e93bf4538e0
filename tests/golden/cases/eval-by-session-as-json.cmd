. "$CASES/../lib.sh"
# Every figure can be had from the four counts.
labelled_orders
evaluate --session 'order=(\w+)' --train-normal --labels labels.csv --format json all.log >e.json
jq -c 'keys_unsorted, .labels, .training, .tested, .alarms' e.json
jq -c '.scorers[] | [.name, .average_precision, .roc_auc, .precision_at, (.thresholds[] | [.score, .tp, .fp])]' e.json
jq -c '[.alarms, .scorers[].thresholds[]] | all(.tp + .fp + .fn + .tn == 194)' e.json
