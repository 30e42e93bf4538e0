cd "$SAMPLE"
$LOGDETECT diff --quiet --tz UTC --format jsonl day3/auth.log.gz bad/auth.log.gz | jq -c '[.type, .kind, .good, .bad, .template]'
$LOGDETECT diff --quiet --tz UTC --format csv day3/auth.log.gz bad/auth.log.gz >"$TMP/out.csv"
head -n 2 "$TMP/out.csv" | tr -d '\r'
python3 -c 'import csv, sys; rows = list(csv.reader(open(sys.argv[1], newline=""))); print(len(rows), {len(row) for row in rows})' "$TMP/out.csv"
