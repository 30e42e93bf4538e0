# -i BAD GOOD would swap the sides
. "$CASES/../lib.sh"
small_log good.log
head -n 300 good.log >bad.log
$LOGDETECT diff --quiet -i bad.log good.log; echo "exit $?"
$LOGDETECT diff --quiet --input=bad.log good.log; echo "exit $?"
echo 'input: other.log' >options.yaml
$LOGDETECT diff --quiet --tz UTC --config options.yaml good.log bad.log | head -n 2
$LOGDETECT diff --quiet --config options.yaml; echo "exit $?"
