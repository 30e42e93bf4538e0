. "$CASES/../lib.sh"
small_model m.lgd
printf 'Mar  %d 15:56:00 web1 sshd[900]: probe of the monitor failed\n' 2 3 4 >more.log
touch -d 2026-03-05 more.log
$LOGDETECT model allow m.lgd add regex=monitor until=2026-03-03
$LOGDETECT scan --quiet --tz UTC --model m.lgd --format json more.log | jq -c '[.anomalies[].timestamp], .summary.allowed.rules, .summary.problems'
