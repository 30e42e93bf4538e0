. "$CASES/../lib.sh"
small_model m.lgd
printf 'model: nowhere.lgd\nquiet: true\ninput: small.log\ntz: UTC\n' >c.yaml
$LOGDETECT scan --config c.yaml --model m.lgd --format json | jq -c .summary.lines_read
