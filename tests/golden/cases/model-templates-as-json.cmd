. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT model templates --format json m.lgd >out.json
jq -c 'keys, [.templates[].count] == ([.templates[].count] | sort | reverse), ([.templates[].count] | add), .model.events' out.json
jq -c '.templates[1]' out.json
jq -c '.templates[] | select(.params | length > 3)' out.json | head -n 1
