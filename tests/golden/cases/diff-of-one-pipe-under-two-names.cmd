. "$CASES/../lib.sh"
small_log small.log
mkfifo pipe
cat small.log | $LOGDETECT diff --quiet - /dev/stdin; echo "exit $?"
cat small.log | $LOGDETECT diff --quiet /dev/stdin -; echo "exit $?"
$LOGDETECT diff --quiet pipe ./pipe; echo "exit $?"
# a file as standard input can be opened again
$LOGDETECT diff --quiet --tz UTC - /dev/stdin <small.log | tail -n 1
