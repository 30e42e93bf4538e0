. "$CASES/../lib.sh"
small_model m.lgd
small_scan --format jsonl --emit all | jq -c 'del(.file, .inputs, .formats)' >file.jsonl
$LOGDETECT scan --quiet --tz UTC --model m.lgd --format jsonl --emit all - <small.log | jq -c 'del(.file, .inputs, .formats)' >pipe.jsonl
grep '"type":"line"' file.jsonl | jq -c 'del(.incident)' >a
grep '"type":"line"' pipe.jsonl | jq -c 'del(.incident)' >b
wc -l <a
cmp a b
