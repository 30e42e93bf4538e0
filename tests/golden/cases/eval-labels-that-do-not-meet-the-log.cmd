. "$CASES/../lib.sh"
# Left out, and counted: sessions without a label, labels of sessions that are not there, labels that come twice.
labelled_orders
{ grep -v 'o47[0-4]' labels.csv; echo x1,Normal; echo x2,Anomaly; echo o3,Normal; } >some.csv
evaluate --session 'order=(\w+)' --labels some.csv all.log >e.txt
head -n 3 e.txt
sed -n '/note/,$p' e.txt
awk 'BEGIN { print "Line,Label"; for (i = 1; i <= 1700; i += 2) print i "," (i > 1000 && i % 300 < 5 ? 1 : 0) }' >lines.csv
alerts plain.log no
evaluate --labels lines.csv plain.log | sed -n '/note/,$p'
