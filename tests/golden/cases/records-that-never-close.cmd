{ echo '# Time: 1'; echo 'select 1'; for i in $(seq 700); do echo "{\"message\":\"step $i\"}"; done; } >statement.log
{ echo '# User@Host: a[a] @ h []'; for i in $(seq 1700); do echo "{\"message\":\"step $i\"}"; done; } >statement2.log
{ for i in $(seq 300); do echo " 2024-05-01 10:00:07 INFO step $i"; [ $i = 5 ] && printf ' Traceback (most recent call last):\n   File "a.py", line 1\n'; done; true; } >indented.log
for log in statement statement2 indented; do $LOGDETECT parse -q --format jsonl $log.log | wc -l; done
