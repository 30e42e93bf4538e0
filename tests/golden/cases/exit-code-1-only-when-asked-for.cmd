. "$CASES/../lib.sh"
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input "$SAMPLE/day*/auth.log.gz" --output m.lgd >/dev/null
$LOGDETECT scan --quiet --tz UTC --model m.lgd --input "$SAMPLE/bad/auth.log.gz" >/dev/null
echo $?
$LOGDETECT scan --quiet --exit-code --tz UTC --model m.lgd --input "$SAMPLE/bad/auth.log.gz" >/dev/null
echo $?
