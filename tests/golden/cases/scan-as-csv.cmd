. "$CASES/../lib.sh"
small_model m.lgd
echo 'Mar  2 15:56:00 db01 kernel: panic, "page table", corrupt' >>small.log
small_scan --format csv --emit all >out.csv
head -n 1 out.csv | tr -d '\r'
tail -n 1 out.csv | tr -d '\r' | cut -d , -f 1-4,6
python3 - <<'END'
import csv
rows = list(csv.DictReader(open("out.csv", newline="", encoding="utf-8")))
print(len(rows), rows[-1]["message"], rows[-1]["raw"], sep="|")
print(all(0 <= float(row["score"]) <= 1 and row["is_anomaly"] in ("true", "false") for row in rows))
END
