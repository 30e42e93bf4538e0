. "$CASES/../lib.sh"
for i in $(seq 90); do several_lines IllegalStateException com.acme.Stock.take $i; done >app.log
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input app.log --output m.lgd >/dev/null
$LOGDETECT model templates --format json m.lgd | jq -c '.templates[] | [.template, .example]' | sort
