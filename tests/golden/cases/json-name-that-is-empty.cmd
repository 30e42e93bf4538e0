for i in $(seq 20); do echo "{\"time\":\"2024-05-01T10:00:07Z\",\"level\":\"INFO\",\"msg\":\"step\",\"\":\"boom\",\"i\":$i}"; done |
  $LOGDETECT parse -q --format jsonl - | jq -c '[.host,.component,.pid,.format]' | sort | uniq -c | sed 's/^ *//'
