. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --tz UTC --ensemble iforest=0.6,forest=0.4 --input small.log --output m.lgd
status=$?
ls
exit $status
