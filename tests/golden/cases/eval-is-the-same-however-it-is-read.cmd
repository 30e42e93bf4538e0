. "$CASES/../lib.sh"
# Threads, a pipe and compression do not matter; of two files the second goes on where the first ended.
labelled_orders
evaluate --session 'order=(\w+)' --labels labels.csv --threads 1 - <all.log >1
gzip -k all.log && gzip -k labels.csv
evaluate --session 'order=(\w+)' --labels labels.csv.gz --threads 5 all.log.gz | sed s/csv.gz/csv/ >2
evaluate --session 'order=(\w+)' --labels labels.csv --threads 2 orders.log bad.log >3
cmp 1 2 && cmp 1 3 && head -n 2 1
