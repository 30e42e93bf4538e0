{ for i in $(seq 1000 1200); do echo "May  1 10:00:07 web-1 sshd[$i]: Connection closed"; done
  for i in $(seq 1000 1999); do echo "no header $i"; done
  for i in $(seq 1000 1600); do echo "I0501 10:00:07.619632   $i main.go:12] started"; done; } >mixed.log
$LOGDETECT parse --format jsonl --tz UTC mixed.log | jq -c '[.component,.message]' | sed 's/[0-9]\{4\}/N/' | uniq -c | sed 's/^ *//'
$LOGDETECT scan --recipe fast --format json --tz UTC mixed.log 2>/dev/null | jq -c .summary.formats
