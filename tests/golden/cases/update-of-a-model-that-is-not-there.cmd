. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --quiet --tz UTC --update --input small.log --output m.lgd
status=$?
ls
exit $status
