. "$CASES/../lib.sh"
small_log small.log
head -n 600 small.log | sed 's/\[[0-9]*\]/[7]/' >short.log
short() { $LOGDETECT train --tz UTC --sequence-length 1000 --session none --input short.log --output m.lgd "$@"; }
short | grep -e network -e enough
short --quiet --format json | jq -c '.summary | [.network, .network_problem]'
$LOGDETECT model info --format json m.lgd | jq -c .network
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input short.log --format json | jq -c '.summary | [.scored, .complete]'
