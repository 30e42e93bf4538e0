. "$CASES/../lib.sh"
orders small.log 0 400
$LOGDETECT train --quiet --tz UTC --recipe fast --session 'nobody=(\w+)' --input small.log --output m.lgd --format json |
    jq -c '.summary | [.sessions, .problems]'
$LOGDETECT train --quiet --tz UTC --recipe fast --session 'order=(\w+)' --input small.log --output m.lgd
sed 's/order=/cart=/' small.log >other.log
$LOGDETECT scan --tz UTC --model m.lgd --format json other.log | jq -c '.summary | [.sessions, .problems]'
