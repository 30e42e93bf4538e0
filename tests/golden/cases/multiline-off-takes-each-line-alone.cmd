. "$CASES/../lib.sh"
several_lines java.lang.IllegalStateException com.acme.Stock.take >traces.log
$LOGDETECT parse --quiet --tz UTC --multiline off --format jsonl traces.log | wc -l
grep -c . traces.log
