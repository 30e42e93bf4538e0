. "$CASES/../lib.sh"
small_model m.lgd
gzip -dc "$SAMPLE/day2/auth.log.gz" >same.log
gzip -dc "$SAMPLE/day1/app.log.gz" >other.log
$LOGDETECT model check --tz UTC m.lgd same.log
echo "exit status $?"
$LOGDETECT model check --tz UTC m.lgd other.log
echo "exit status $?"
$LOGDETECT scan --quiet --tz UTC --model m.lgd other.log | tail -n 2
