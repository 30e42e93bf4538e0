# The health check and the guessed passwords of the bad day may stop and swell; the backup may not.
$LOGDETECT train --quiet --recipe fast --tz UTC --input "$SAMPLE/day*/*.gz" --output m.lgd >/dev/null
scan() { $LOGDETECT scan --quiet --tz UTC --model m.lgd --input "$SAMPLE/bad/*.gz" --format json >out.json; }
signals() { jq -c '.incidents[] | select(.factors[0].kind | . == "SILENCE" or . == "BURST") | .title' out.json | sort; }
template() { $LOGDETECT model templates --format json m.lgd | jq -r --arg start "$1" '.templates[] | .template | select(startswith($start))'; }
scan
signals
jq '.summary.allowed' out.json
$LOGDETECT model allow m.lgd add "template=$(template 'Invalid user')" component=sshd
$LOGDETECT model allow m.lgd add "template=$(template '"GET' | grep lb-check)" 'file=*/access*'
scan
signals
jq -c '.summary.allowed | .incidents, (.rules[] | .rule, .state, .hits > 0)' out.json
# A rule that ended before is none.
$LOGDETECT model allow m.lgd remove 1 2
$LOGDETECT model allow m.lgd add "template=$(template 'Invalid user')" until=2026-03-04
scan
signals
