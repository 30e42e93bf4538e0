. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --quiet --tz UTC --ensemble iforest=0.6,novelty=0.4 --input small.log --output m.lgd >/dev/null
$LOGDETECT model info --format json m.lgd | jq -c .members
