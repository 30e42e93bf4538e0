. "$CASES/../lib.sh"
orders orders.log 0 400
orders today.log 400 80 433
$LOGDETECT train --recipe "$QUICK" --tz UTC --session 'order=(\w+)' --ensemble counts=1 --input orders.log --output m.lgd | grep enough
$LOGDETECT model info --format json m.lgd | jq -c '[.members, .ensemble]'
echo '2026-03-02 23:00:00 CRITICAL shop[7]: order=o451 burnt down with the depot' >>today.log
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format json | jq -c '[.summary.anomalies, [.sessions[].session]]'
small_log small.log
$LOGDETECT train --recipe "$QUICK" --tz UTC --ensemble counts=1 --session none --input small.log --output n.lgd | grep enough
