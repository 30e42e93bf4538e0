. "$CASES/../lib.sh"
small_model m.lgd
head -c 4096 "$(command -v sh)" >program
$LOGDETECT scan --tz UTC --model m.lgd --input program
