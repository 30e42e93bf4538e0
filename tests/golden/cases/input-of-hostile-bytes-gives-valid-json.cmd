. "$CASES/../lib.sh"
small_model m.lgd
{ cat small.log; printf 'Mar  2 23:00:00 h p[1]: \033]0;x\007 \000 \377\376 \355\240\200 <script> \342\200\256\n'; } >hostile.log
$LOGDETECT scan --quiet --text --tz UTC --model m.lgd --input hostile.log --format jsonl --emit all >out.jsonl
status=$?
python3 -c 'import json, sys; [json.loads(line) for line in open("out.jsonl", encoding="utf-8")]; print("valid")'
tail -n 1 out.jsonl | jq -c .lines_read
$LOGDETECT scan --quiet --text --tz UTC --model m.lgd --input hostile.log --color never | LC_ALL=C tr -d '\n -~\200-\377' | wc -c
exit $status
