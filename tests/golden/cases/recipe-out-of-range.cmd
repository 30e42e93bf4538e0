. "$CASES/../lib.sh"
small_log small.log
printf 'lstm:\n  steps: 1\n' >mine.yaml
$LOGDETECT train --recipe mine.yaml --input small.log --output m.lgd
