cd "$SAMPLE"
for pair in 1:2 2:3 1:3; do
    $LOGDETECT diff --quiet --tz UTC --format json "day${pair%:*}/*.gz" "day${pair#*:}/*.gz" | jq -c '.summary | [.templates, .new, .gone, .more, .less]'
done
