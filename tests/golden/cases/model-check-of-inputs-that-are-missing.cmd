. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT model check --tz UTC m.lgd small.log nowhere.log | tail -n 4
$LOGDETECT model check --tz UTC m.lgd small.log nowhere.log >/dev/null 2>&1
echo "exit status $?"
$LOGDETECT model check --tz UTC m.lgd nowhere.log
echo "exit status $?"
$LOGDETECT model check --tz UTC nowhere.lgd small.log
$LOGDETECT model check m.lgd
head -n 20 small.log | $LOGDETECT model check --quiet --tz UTC m.lgd - | tail -n 2
: >empty.log
$LOGDETECT model check --quiet --tz UTC m.lgd empty.log | tail -n 2
