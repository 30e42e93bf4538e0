. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT parse --quiet --tz UTC small.log >out.csv
head -n 4 out.csv | tr -d '\r'
python3 -c 'import csv; rows = list(csv.reader(open("out.csv", newline=""))); print(len(rows), {len(row) for row in rows})'
