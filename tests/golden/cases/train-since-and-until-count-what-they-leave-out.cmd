. "$CASES/../lib.sh"
count() { jq -c '.summary | [.lines_read == .scored + ([.skipped[]] | add), .lines_read, .skipped.before, .skipped.after, .time_start, .time_end]'; }
train() { $LOGDETECT train --recipe "$QUICK" --quiet --tz UTC --input "$SAMPLE/day*/auth.log.gz" --output m.lgd --format json "$@" | count; }
train
train --since 2026-03-03
train --since 2026-03-03T06:00:00Z --until 2026-03-03T18:00:00Z
train --days 1
$LOGDETECT train --recipe "$QUICK" --tz UTC --input "$SAMPLE/day1/auth.log.gz" --output m.lgd --since 2030-01-01
