cd "$SAMPLE/.." && $LOGDETECT diff --quiet --tz UTC 'sample/day3/*.gz' 'sample/bad/*.gz' | sed 's/ *$//'
