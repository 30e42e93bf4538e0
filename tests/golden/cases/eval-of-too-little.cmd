. "$CASES/../lib.sh"
# Two lines, one session, an empty log: one line each says why not.
labelled_orders
try() { "$LOGDETECT" eval --quiet --tz UTC --recipe fast --session 'order=(\w+)' --labels labels.csv "$@"; echo "$?"; }
head -n 2 all.log >two.log; try two.log
grep 'order=o1 ' all.log >one.log; try one.log
: >empty.log; try empty.log
head -n 600 all.log >few.log; try --split 0.2 few.log
try missing.log
