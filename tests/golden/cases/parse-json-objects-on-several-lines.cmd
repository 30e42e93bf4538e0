. "$CASES/../lib.sh"
for i in $(seq 12); do
    printf '{\n  "time": "2026-03-05T10:20:%02dZ",\n  "level": "error",\n  "message": "job %d \\"a\\" failed",\n  "tags": [\n    "x}",\n    %d\n  ]\n}\n' $i $i 1583349513
done >pretty.json
$LOGDETECT parse --quiet --format jsonl pretty.json | jq -c '[.line, .timestamp, .level, .message, .template]' | sed -n '1p;$p'
$LOGDETECT parse --quiet --format jsonl pretty.json | wc -l
