. "$CASES/../lib.sh"
$LOGDETECT train --quiet --tz UTC --recipe "$QUICK" --ensemble iforest=0.6,lstm=0.4 --input "$SAMPLE/day1/app.log.gz" --output m.lgd >/dev/null
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input "$SAMPLE/bad/app.log.gz" --format jsonl --fpr 0.05 | jq -c 'select(.factors)' >out.jsonl
# Shares add up to the score, of lines, sessions and incidents; and the network has its part of them.
jq -c '[.type, ((.score - ([.factors[].share] | add)) | fabs) < 1e-9]' out.jsonl | sort -u
jq -r '.factors[].text' out.jsonl | grep -e stream -e 'unusual sequence' | sed 's/ behind.*//' | sort -u
