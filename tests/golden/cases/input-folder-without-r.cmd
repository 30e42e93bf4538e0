. "$CASES/../lib.sh"
small_model m.lgd
mkdir logs
cp small.log logs/
$LOGDETECT scan --tz UTC --model m.lgd --input logs
