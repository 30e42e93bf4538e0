. "$CASES/../lib.sh"
# UTF-16 with its mark, Latin 1, CRLF and semicolons.
labelled_orders
evaluate --session 'order=(\w+)' --labels labels.csv all.log >wanted
utf16() { awk 'BEGIN { printf "\377\376" } { for (i = 1; i <= length($0); i++) printf "%c%c", substr($0, i, 1), 0; printf "\n%c", 0 }'; }
LC_ALL=C utf16 <labels.csv >1.csv
sed 's/,/;/; s/$/\r/' labels.csv >2.csv
awk -F, '{ print (NR == 1 ? "Bemerkung" : "m\374de") "," $0 }' labels.csv >3.csv
for i in 1 2 3; do evaluate --session 'order=(\w+)' --labels $i.csv all.log | sed "s/$i.csv/labels.csv/" | cmp - wanted && echo same; done
