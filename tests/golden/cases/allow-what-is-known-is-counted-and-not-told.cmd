. "$CASES/../lib.sh"
small_model m.lgd
{ cat small.log; printf 'Mar  2 15:56:%02d web1 sshd[900]: probe %d of the monitor failed\n' 1 7 2 8; } >more.log
scan() { "$LOGDETECT" scan --quiet --tz UTC --model m.lgd --format json more.log | jq -c '.summary | [.lines_read, .scored, .anomalies, .incidents, .fit, .unseen_events, .allowed]'; }
scan
$LOGDETECT model allow m.lgd add "regex=probe \\d+ of" component=sshd 'reason=the "new" monitor' by=ops
scan
$LOGDETECT scan --quiet --tz UTC --model m.lgd more.log | sed -n '3,4p'
$LOGDETECT scan --quiet --tz UTC --model m.lgd --emit all --format jsonl more.log | jq -c 'select(.type == "line" and .p_value <= .threshold) | [.line, .is_anomaly, .incident]'
cat m.lgd.allow
