. "$CASES/../lib.sh"
# The first 60 % of the orders train; the two odd ones are among the rest.
labelled_orders
evaluate --session 'order=(\w+)' --labels labels.csv all.log
