cd "$SAMPLE"
for n in 1 2 7; do $LOGDETECT diff --quiet --tz UTC --format json --threads $n day1 bad -r | md5sum; done | uniq | wc -l
$LOGDETECT diff --quiet --tz UTC --format json day1 bad -r | jq '.summary.new > 5'
