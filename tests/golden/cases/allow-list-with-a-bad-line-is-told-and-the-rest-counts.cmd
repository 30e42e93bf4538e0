. "$CASES/../lib.sh"
small_model m
printf 'regex="Accepted publickey"\nregexp=x\nregex=(\n\000\001\n' >m/allow.txt
$LOGDETECT scan --tz UTC --model m --format json small.log | jq -c '.summary | [.allowed.rules, .complete, .problems]'
$LOGDETECT scan --tz UTC --model m small.log >/dev/null 2>&1
echo "exit status $?"
$LOGDETECT model allow m list
