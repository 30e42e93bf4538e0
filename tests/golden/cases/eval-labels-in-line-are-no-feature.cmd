. "$CASES/../lib.sh"
# The same figures as without the labels in the lines, and with them in a file.
alerts marked.log
alerts plain.log no
awk 'BEGIN { print "Line,Label" } { print NR "," $1 }' marked.log >labels.csv
evaluate --labels-in-line marked.log >a.txt
evaluate --labels labels.csv plain.log >b.txt
grep -v Labels a.txt >a; grep -v Labels b.txt >b
cmp a b && grep Labels a.txt b.txt
head -n 2 a
