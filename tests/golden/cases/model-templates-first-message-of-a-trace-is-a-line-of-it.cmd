. "$CASES/../lib.sh"
# the template is made from what speaks for the whole trace; the example is what stands in the log
for hour in 10 11 12 13 14 15; do
    for minute in $(seq 10 59); do
        echo "2026-03-02 $hour:$minute:00 INFO [main] shop.Orders - order $minute is paid"
        echo "2026-03-02 $hour:$minute:01 ERROR [main] shop.Orders - order $minute is lost"
        printf 'java.io.IOException: no route\n\tat com.example.shop.Orders.read(Orders.java:%s)\n' "$minute"
        printf '\tat com.example.shop.Main.run(Main.java:7)\n'
    done
done >app.log
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --output model.lgd app.log >/dev/null
$LOGDETECT model templates --format json model.lgd | jq -c '.templates[] | [.template, .example]'
$LOGDETECT model templates -v model.lgd | grep "first:"
