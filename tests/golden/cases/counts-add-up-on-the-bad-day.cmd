. "$CASES/../lib.sh"
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input "$SAMPLE/day*/*.gz" --output m.lgd >/dev/null
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input "$SAMPLE/bad/*.gz" --format jsonl --emit all >out.jsonl
lines=$(gzip -dc "$SAMPLE"/bad/*.gz | wc -l)
tail -n 1 out.jsonl | jq -c --argjson lines "$lines" '[.lines_read == $lines, .lines_read == .scored + ([.skipped[]] | add // 0)]'
jq -c 'select(.type == "anomaly") | (.score - ([.factors[].share] | add)) | fabs < 1e-6' out.jsonl | sort | uniq
