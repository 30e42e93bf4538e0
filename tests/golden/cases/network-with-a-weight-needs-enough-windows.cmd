. "$CASES/../lib.sh"
small_log small.log
head -n 600 small.log | sed 's/\[[0-9]*\]/[7]/' >short.log
$LOGDETECT train --tz UTC --ensemble iforest=0.6,lstm=0.4 --sequence-length 1000 --session none --input short.log --output m.lgd
code=$?
[ -e m.lgd ] && echo "a model was written"
exit $code
