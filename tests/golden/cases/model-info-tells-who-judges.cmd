. "$CASES/../lib.sh"
order_model m.lgd
$LOGDETECT model info --format json m.lgd | jq -c '.ensemble.lines[], .ensemble.sessions[]'
