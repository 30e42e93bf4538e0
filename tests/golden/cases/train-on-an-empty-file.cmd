: >empty.log
$LOGDETECT train --tz UTC --input empty.log --output m.lgd
status=$?
ls
exit $status
