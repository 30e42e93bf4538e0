. "$CASES/../lib.sh"
small_model m
for rule in template= 'reason=x' 'regex=(' 'tmplate=x' 'id=100000' 'id=x' 'session=a until=2026-02-30' 'incident=12'; do
    $LOGDETECT model allow m add $rule 2>&1 | head -n 1
done
$LOGDETECT model allow m remove 1 2>&1 | head -n 1
$LOGDETECT model allow m remove all 2>&1 | head -n 1
$LOGDETECT model allow m add 2>&1 | head -n 1
$LOGDETECT model allow m delete 2>&1 | head -n 1
$LOGDETECT model allow m 2>&1 | head -n 1
$LOGDETECT model allow nowhere list 2>&1
ls m
