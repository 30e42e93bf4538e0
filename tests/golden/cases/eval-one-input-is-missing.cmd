. "$CASES/../lib.sh"
# The rest is evaluated; status 3.
labelled_orders
"$LOGDETECT" eval --tz UTC --recipe fast --session 'order=(\w+)' --labels labels.csv all.log gone.log | tail -n 2
"$LOGDETECT" eval --quiet --tz UTC --recipe fast --session 'order=(\w+)' --labels labels.csv all.log gone.log >/dev/null
