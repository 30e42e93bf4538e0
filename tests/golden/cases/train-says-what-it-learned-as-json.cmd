. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input small.log --output m.lgd --format json >out.json
jq -c '.input, .model, (.summary | [.lines_read, .records, .scored, .skipped, .events, .sessions, .new_templates, .requested_fpr, .formats, .complete, .problems, .enough])' out.json
jq -c '.summary | [.coverage > 0.9 and .coverage <= 1, .templates <= .signatures, .singletons < .templates, .threshold <= .requested_fpr * 1.01]' out.json
