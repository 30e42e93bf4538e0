entry() { printf '__CURSOR=s=1;i=%s\n__REALTIME_TIMESTAMP=17145576%s123456\n_HOSTNAME=web1\nPRIORITY=%s\nSYSLOG_IDENTIFIER=shopd\n_PID=4711\nMESSAGE=order %s was %s\n\n' $1 $1 $2 $1 $3; }
for i in $(seq 10 39); do entry $i 6 placed; [ $((i % 10)) = 5 ] && entry $i 3 refused; done >journal.export
$LOGDETECT parse -q --tz UTC --format jsonl journal.export | jq -c '[.level,.host,.component,.pid,.template,.format]' | sort | uniq -c | sed 's/^ *//'
$LOGDETECT parse -q --tz UTC --format jsonl journal.export | head -n 1 | jq -c '[.line,.timestamp]'
