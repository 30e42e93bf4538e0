$LOGDETECT scan --tz Mars/Olympus --input "$SAMPLE/day1/auth.log.gz"
