# 22 new templates that came thrice, an error and a critical line that came once
for minute in $(seq 10 59); do echo "2026-03-02 16:$minute:00 INFO the gardener came"; done >good.log
cp good.log bad.log
for name in ash birch cedar elm fir hazel larch lime maple oak olive palm pine plane poplar rowan spruce teak thuja willow yew box; do
    for second in 1 2 3; do echo "2026-03-02 17:00:0$second INFO $name: tall$name under$name $name"; done
done >>bad.log
echo "2026-03-02 17:01:00 ERROR gate 4 does not open" >>bad.log
echo "2026-03-02 17:02:00 FATAL greenhouse is on fire" >>bad.log
$LOGDETECT diff --quiet --tz UTC good.log bad.log | grep -v 'bad.log:' | sed -n '/NEW/,$p' | cut -c1-90
