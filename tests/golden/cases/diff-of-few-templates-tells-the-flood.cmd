# name, day, lines of the request, lines of the error; each set spread over the day
put() {
    awk -v day="$2" -v a="$3" -v b="$4" 'BEGIN {
        for (i = 0; i < 1440; i++) {
            at = sprintf("2026-03-%02d %02d:%02d:00 ", day, i / 60, i % 60)
            for (k = int(i * a / 1440); k < int((i + 1) * a / 1440); k++) print at "INFO web: request served fine"
            for (k = int(i * b / 1440); k < int((i + 1) * b / 1440); k++) print at "ERROR db: connection to shard lost"
        }
    }' >"$1"
}
put one1.log 2 0 100
put one2.log 3 0 10000
put two1.log 2 1000 50
put two2.log 3 1000 5000
$LOGDETECT diff --quiet --tz UTC one1.log one2.log
$LOGDETECT diff --quiet --tz UTC two1.log two2.log
$LOGDETECT diff --quiet --tz UTC --format json two1.log two2.log | jq -c '.summary | [.scale, .scale_templates]'
