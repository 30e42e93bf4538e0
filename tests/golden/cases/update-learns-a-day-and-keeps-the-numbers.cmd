. "$CASES/../lib.sh"
learn() { $LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --format json --output m.lgd "$@" | jq -c '.summary | [.events, .update]'; }
numbers() { $LOGDETECT model templates --format json m.lgd | jq -c '.templates[] | [.id, .template]'; }
learn --input "$SAMPLE/day1/auth.log.gz"
numbers >before
learn --update --input "$SAMPLE/day2/auth.log.gz"
numbers >after
head -n "$(wc -l <before)" after | cmp - before && echo same
learn --update --half-life 1 --input "$SAMPLE/day3/auth.log.gz"
numbers | head -n "$(wc -l <after)" | cmp - after && echo same
# What the days had is known.
for day in 1 2 3; do
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --format json --input "$SAMPLE/day$day/auth.log.gz" | jq -c '.summary.new_templates'
done
