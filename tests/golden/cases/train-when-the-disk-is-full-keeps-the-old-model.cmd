. "$CASES/../lib.sh"
small_model m.lgd
cp m.lgd before.lgd
gzip -dc "$SAMPLE/day1/app.log.gz" >more.log
(trap '' XFSZ; ulimit -f 4; $LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input more.log --output m.lgd >/dev/null 2>err)
status=$?
cmp m.lgd before.lgd && ls -A
grep -c 'm.lgd' err
exit $status
