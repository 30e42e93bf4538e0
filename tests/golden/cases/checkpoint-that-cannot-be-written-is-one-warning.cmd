. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --tz UTC --epochs 3 --input small.log --output m.lgd --checkpoint missing/t.state >out.txt
status=$?
ls
exit $status
