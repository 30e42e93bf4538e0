gzip -dc "$SAMPLE/day3/auth.log.gz" >good.log
gzip -dc "$SAMPLE/bad/auth.log.gz" >bad.log
show() { jq -c 'select(.type == "change") | [.kind, .good, .bad, .bits, .template, .example.line]'; }
$LOGDETECT diff --quiet --tz UTC --format jsonl good.log bad.log | show >files
cat bad.log | $LOGDETECT diff --quiet --tz UTC --format jsonl good.log - | show >second
gzip -dc "$SAMPLE/day3/auth.log.gz" | $LOGDETECT diff --quiet --tz UTC --format jsonl - bad.log | show >first
cmp files second && cmp files first && wc -l <files
