. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --recipe ./nowhere.yaml --input small.log --output m.lgd
status=$?
ls
exit $status
