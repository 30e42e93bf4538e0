. "$CASES/../lib.sh"
for i in $(seq 200); do several_lines java.lang.IllegalStateException com.acme.Stock.take $i; done >traces.log
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input traces.log --output m.lgd >/dev/null
for trace in 'IllegalStateException com.acme.Stock.take' 'IllegalArgumentException com.acme.Stock.take' \
    'IllegalStateException com.acme.Stock.count'; do
    several_lines java.lang.$trace 777 >new.log
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input new.log --format json |
        jq -c '.summary | [.new_templates, .lines_read == .scored + ([.skipped[]] | add)]'
done
