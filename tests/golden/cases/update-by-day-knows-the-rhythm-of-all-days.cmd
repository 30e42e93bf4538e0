# A day and two updates tell the same of what does not come, and of what comes too often, as one training of the three.
train() { $LOGDETECT train --quiet --recipe fast --tz UTC --output m.lgd "$@" >/dev/null; }
scan() { $LOGDETECT scan --quiet --tz UTC --model m.lgd --format jsonl --input "$@" | jq -c 'select(.type == "incident")'; }
train --input "$SAMPLE/day1/*.gz"
train --update --input "$SAMPLE/day2/*.gz"
scan "$SAMPLE/day3/*.gz"
train --update --input "$SAMPLE/day3/*.gz"
scan "$SAMPLE/bad/*.gz" | jq -c 'select(.factors[0].kind | . == "SILENCE" or . == "BURST") | [.start, .title, (.factors[0] | .text, .typical, .actual)]' | sort
