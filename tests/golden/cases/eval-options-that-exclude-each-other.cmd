. "$CASES/../lib.sh"
labelled_orders
try() { "$LOGDETECT" eval --quiet --tz UTC "$@" all.log 2>&1 | head -n 1; }
try
try --labels labels.csv --labels-in-line
try --labels -
try --labels labels.csv --model m --split 0.5
try --labels labels.csv --model m --train-normal
try --labels labels.csv --window 20
try --labels labels.csv --by line
try --labels labels.csv --split 1
try --labels labels.csv --format csv
try --labels labels.csv --output labels.csv
try --labels labels.csv --model m
