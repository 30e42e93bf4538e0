. "$CASES/../lib.sh"
awk 'BEGIN { for (i = 0; i < 300; i++) {
    printf "2026-03-02 10:%02d:%02d INFO app[7]: took %s of size=%d path=/srv/a-rather-long-folder/%d\n", i / 60, i % 60, i % 3 ? 900 + i % 100 "ms" : 1 + i % 10 / 10 "s", i % 7 * 1000, i % 2
    printf "2026-03-02 10:%02d:%02d INFO app[7]: used=%s host=%s\n", i / 60, i % 60, i % 2 ? "5KB" : "7s", i ? "web" : "db" } }' >app.log
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input app.log --output m.lgd >/dev/null
$LOGDETECT model templates -v m.lgd
$LOGDETECT model templates --format json m.lgd | jq -c '.templates[].params[] | del(.values, .types)'
$LOGDETECT model templates --format json m.lgd | jq -c '.templates[].params[] | select(.name == "path").values'
