. "$CASES/../lib.sh"
small_model m.lgd
cp small.log odd.log
echo 'Mar  2 15:56:00 db01 kernel: panic, "page table", corrupt' >>odd.log
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input odd.log --format csv >out.csv
head -n 1 out.csv | tr -d '\r'
python3 - <<'END'
import csv
for row in csv.DictReader(open("out.csv", newline="")):
    print(row["file"], row["line"], row["timestamp"], row["component"], row["message"], row["is_anomaly"], row["raw"], sep="|")
END
