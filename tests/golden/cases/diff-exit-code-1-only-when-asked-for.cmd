. "$CASES/../lib.sh"
small_log small.log
head -n 300 small.log >less.log
echo "Mar  2 16:00:00 db01 kernel: disk failure" >>less.log
for option in '' --exit-code; do
    $LOGDETECT diff --quiet --tz UTC $option small.log small.log >/dev/null
    echo $?
    $LOGDETECT diff --quiet --tz UTC $option small.log less.log >/dev/null
    echo $?
done
