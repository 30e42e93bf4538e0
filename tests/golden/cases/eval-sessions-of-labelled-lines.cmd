. "$CASES/../lib.sh"
# A node is anomalous where one of its lines is.
alerts marked.log
evaluate --labels-in-line --by session --session '(node\d+)' --train-normal marked.log | head -n 8
