. "$CASES/../lib.sh"
# There is nothing to fall back to.
labelled_orders
try() { "$LOGDETECT" eval --quiet --tz UTC --recipe fast --labels labels.csv "$@" all.log; echo "$?"; }
try --session 'block=(\w+)'
try --session 'order=(\d)'
try --session '(o)rder'
try --session 'order=('
try --session none
try
"$LOGDETECT" train --quiet --tz UTC --recipe fast --session none --input orders.log --output m.lgd >/dev/null
try --model m.lgd
