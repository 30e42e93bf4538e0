. "$CASES/../lib.sh"
small_log small.log
printf 'members:\n  iforest: 0.6\n  forest: 0.4\n' >mine.yaml
$LOGDETECT scan --recipe mine.yaml --input small.log
