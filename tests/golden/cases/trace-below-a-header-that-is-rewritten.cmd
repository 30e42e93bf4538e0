for i in $(seq 10 29); do
  printf '\033[32m2024-05-01 10:00:%s\033[0m ERROR shop: order %s failed\nb.StockException: none\n\tat a.b.Stock.take(Stock.java:4)\n' $i $i >>colour.log
  printf '2024-05-01 10:00:%s ERROR shop: order %s failed\nb.StockException: none\n\tat a.b.Stock.take(Stock.java:4)\n' $i $i >>plain.log
  printf '{"time":"2024-05-01 10:00:%s","level":"error","msg":"order \\"%s\\" failed"}\nb.StockException: none\n\tat a.b.Stock.take(Stock.java:4)\n' $i $i >>json.log
done
for log in colour plain json; do $LOGDETECT parse -q --format jsonl $log.log | jq -c '.template' | uniq -c | sed 's/^ *//'; done
