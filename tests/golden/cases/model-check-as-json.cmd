. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT model check --quiet --tz UTC --format json m.lgd small.log | jq 'del(.model.checksum)'
