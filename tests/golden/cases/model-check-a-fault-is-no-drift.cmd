. "$CASES/../lib.sh"
small_model m.lgd
awk '{ print } NR > 400 && NR <= 480 { print "Mar  2 08:00:00 web1 kernel: disk sd" NR % 7 " is on fire" }' small.log >fault.log
$LOGDETECT model check --quiet --tz UTC --format json m.lgd fault.log | jq -c '[.verdict, .events, .templates.unseen, .templates.unseen_events]'
