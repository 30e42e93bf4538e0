cat >app.log <<'END'
2026-03-02 10:00:00 INFO app[7]: request id=4f0c22aa took=12.5ms, sent 1,234 bytes to 10.0.0.1:80
2026-03-02 10:00:01 INFO app[7]: {"user": "ann", "attempts": 3, "ratio": "95%"}
2026-03-02 10:00:02 INFO app[7]: loaded(5) modules of version 1.2.3 from /opt/app, cache: true
END
$LOGDETECT parse --tz UTC --format jsonl app.log | jq -c '.template, .params[]'
$LOGDETECT parse --tz UTC app.log | python3 -c 'import csv, json, sys; print([[p.get("name") for p in json.loads(row["params"])] for row in csv.DictReader(sys.stdin)])'
