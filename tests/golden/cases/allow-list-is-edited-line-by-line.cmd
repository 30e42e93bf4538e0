. "$CASES/../lib.sh"
small_model m
printf '# by hand\nsession=probe-*\n\n# why not\nregex="a b"' >m/allow.txt
$LOGDETECT model allow m add id=3 until=2026-12-31
$LOGDETECT model allow m/model.lgd add 'incident=0123456789abcdef'
$LOGDETECT model allow m list
$LOGDETECT model allow m remove 5 7
$LOGDETECT model allow m list --format json | jq -c '.rules[], .problems'
cat m/allow.txt
