. "$CASES/../lib.sh"
# Each is one line on standard error, and status 2.
labelled_orders
try() { "$LOGDETECT" eval --tz UTC --recipe fast --session 'order=(\w+)' --labels "$1" all.log; echo "$1: $?"; }
: >empty.csv
head -n 1 labels.csv >header-only.csv
tail -n +2 labels.csv >no-header.csv
sed 1s/Label/Word/ labels.csv >no-label-column.csv
sed 1s/Session/Who/ labels.csv >no-session-column.csv
sed 's/Anomaly/odd/' labels.csv >unknown-label.csv
{ cat labels.csv; echo o437,Normal; } >contradiction.csv
{ cat labels.csv; echo '"o480,Normal'; } >open-quote.csv
{ cat labels.csv; echo o480; } >short-row.csv
printf 'S\0e\0s\0' >utf16-without-mark.csv
for i in missing empty header-only no-header no-label-column no-session-column unknown-label contradiction open-quote short-row utf16-without-mark; do try $i.csv; done
