# The nightly backup, the health checks and the guessed passwords of the bad day, and nothing on a usual one.
$LOGDETECT train --quiet --recipe fast --tz UTC --input "$SAMPLE/day*/*.gz" --output m.lgd >/dev/null
signals() { jq -c 'select(.type == "incident" and (.factors[0].kind | . == "SILENCE" or . == "BURST")) | [.start, .end, .lines, .title, .first_line.file, .first_line.line, (.factors[0] | .kind, .text, .typical, .actual)]'; }
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input "$SAMPLE/bad/*.gz" --format jsonl | signals | sort
$LOGDETECT train --quiet --recipe fast --tz UTC --input "$SAMPLE/day1/*.gz" --input "$SAMPLE/day2/*.gz" --output two.lgd >/dev/null
$LOGDETECT scan --quiet --tz UTC --model two.lgd --input "$SAMPLE/day3/*.gz" --format jsonl | jq -c 'select(.type == "incident") | .title'
