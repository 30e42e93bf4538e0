. "$CASES/../lib.sh"
# Nothing can be ranked, and the reason is told.
labelled_orders
grep -v Anomaly labels.csv >normal.csv
evaluate --session 'order=(\w+)' --labels normal.csv all.log
evaluate --session 'order=(\w+)' --labels normal.csv --format json all.log | jq -c '.not_ranked, .alarms.recall, (.scorers[0] | .average_precision, .roc_auc)'
alerts plain.log no
evaluate --labels-in-line plain.log | grep -A1 -e '- *-'
