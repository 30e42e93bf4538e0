# a line that came once is no reason, one that came a hundred times is
. "$CASES/../lib.sh"
small_log small.log
cp small.log once.log
echo "Mar  2 16:00:00 db01 kernel: disk failure" >>once.log
cp small.log often.log
for minute in 00 01 02 03 04; do
    for second in $(seq 10 29); do echo "Mar  2 16:$minute:$second db01 kernel: disk failure"; done
done >>often.log
for option in '' --exit-code; do
    for bad in small once often; do
        $LOGDETECT diff --quiet --tz UTC $option small.log $bad.log | grep -c '?\{0,1\}  *0 -> '
        $LOGDETECT diff --quiet --tz UTC $option small.log $bad.log >/dev/null
        echo "exit $?"
    done
done
