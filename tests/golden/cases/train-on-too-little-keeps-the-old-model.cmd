. "$CASES/../lib.sh"
small_model m.lgd
cp m.lgd before.lgd
head -n 20 small.log >few.log
$LOGDETECT train --tz UTC --input few.log --output m.lgd
status=$?
cmp m.lgd before.lgd && ls
exit $status
