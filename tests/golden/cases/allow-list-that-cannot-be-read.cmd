. "$CASES/../lib.sh"
small_model m
mkdir m/allow.txt
$LOGDETECT scan --tz UTC --model m --format json small.log | jq -c '.summary | [.allowed, .problems]'
$LOGDETECT model allow m list
rmdir m/allow.txt
head -c 1100000 /dev/zero >m/allow.txt
$LOGDETECT scan --tz UTC --model m small.log | tail -n 2
yes 'session=a' | head -n 10001 >m/allow.txt
$LOGDETECT scan --tz UTC --model m small.log | tail -n 2
$LOGDETECT model allow m add session=b
ln -sf nowhere m/allow.txt
$LOGDETECT scan --quiet --tz UTC --model m --format json small.log | jq -c .summary.allowed
