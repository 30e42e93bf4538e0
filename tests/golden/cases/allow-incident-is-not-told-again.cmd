. "$CASES/../lib.sh"
small_model m.lgd
{ cat small.log; for what in kernel raid mysqld nginx cron backup; do echo "Mar  2 15:56:01 web1 $what[1]: FATAL: fire in the $what room, all is lost"; done; } >more.log
scan() { "$LOGDETECT" scan --quiet --tz UTC --model m.lgd --format json more.log >out.json; jq -c '[.summary.anomalies, .summary.incidents, (.incidents | length), .summary.allowed.anomalies, .summary.allowed.incidents]' out.json; }
scan
$LOGDETECT model allow m.lgd add "incident=$(jq -r '.incidents[0].id' out.json)"
scan
