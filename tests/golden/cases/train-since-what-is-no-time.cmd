$LOGDETECT train --tz UTC --input "$SAMPLE/day1/auth.log.gz" --output m.lgd --since yesterday
