. "$CASES/../lib.sh"
trace() {
  for i in $(seq 10 49); do
    echo "2024-05-01 10:00:$i,123 INFO  [main] com.acme.Shop - order $i placed"
    [ $((i % 10)) = 5 ] || continue
    echo "2024-05-01 10:00:$i,124 ERROR [main] com.acme.Shop - order $i failed"
    echo "java.lang.IllegalStateException: no stock of $i"
    printf '\tat com.acme.Stock.take(Stock.java:42)\n\tat com.acme.Order.pack(Order.java:17)\n'
    echo "Caused by: java.net.ConnectException: refused"
    printf '\tat org.pg.Driver.connect(Driver.java:9)\n\t... 12 more\n'
  done
}
for k in $(seq 15); do trace; done | jq -Rc '{log: (. + "\n"), stream: "stderr", time: "2024-05-01T10:00:00.5Z"}' >docker.log
for k in $(seq 15); do trace; done | sed 's/^/2024-05-01T10:00:00.5Z stderr F /' >cri.log
for log in docker.log cri.log; do
  $LOGDETECT parse --tz UTC --format jsonl $log | jq -c '[.level,.component,.format,.template]' | sort | uniq -c | sed 's/^ *//'
  $LOGDETECT parse --tz UTC --format jsonl --multiline off $log | wc -l
  $LOGDETECT train --recipe "$QUICK" -q --tz UTC --session none --input $log --output m.lgd >/dev/null
  $LOGDETECT scan -q --tz UTC --model m.lgd --format json --threads 3 $log | jq -c '.summary|[.lines_read,.records,.scored,.new_templates,.formats]'
done
