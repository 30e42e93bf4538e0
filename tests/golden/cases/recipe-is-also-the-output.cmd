. "$CASES/../lib.sh"
small_log small.log
printf 'members: [novelty]\n' >mine.yaml
$LOGDETECT scan --recipe mine.yaml --input small.log --output ./mine.yaml
status=$?
cat mine.yaml
exit $status
