gzip -dc "$SAMPLE/day3/auth.log.gz" >good.log
gzip -dc "$SAMPLE/bad/auth.log.gz" >bad.log
show() { jq -c 'select(.type == "change") | [.kind, .good, .bad, .bits, .template, .example.line]'; }
$LOGDETECT diff --quiet --tz UTC --format jsonl good.log bad.log | show >files
$LOGDETECT diff --quiet --tz UTC --format jsonl good.log - <bad.log | show >second
$LOGDETECT diff --quiet --tz UTC --format jsonl - bad.log <good.log | show >first
cmp files second && cmp files first && wc -l <files
