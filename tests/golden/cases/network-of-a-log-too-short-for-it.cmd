. "$CASES/../lib.sh"
small_log small.log
head -n 600 small.log | sed 's/\[[0-9]*\]/[7]/' >short.log
for ensemble in lstm=1 iforest=0.6,lstm=0.4; do
    $LOGDETECT train --tz UTC --ensemble $ensemble --sequence-length 1000 --session none --input short.log --output m.lgd | grep -e network -e enough
    $LOGDETECT train --quiet --tz UTC --ensemble $ensemble --sequence-length 1000 --session none --input short.log --output m.lgd --format json | jq -c '.summary | [.network, .network_problem]'
    $LOGDETECT model info --format json m.lgd | jq -c .network
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input short.log --format json | jq -c '.summary | [.scored, .complete]'
done
