. "$CASES/../lib.sh"
small_log small.log
printf 'lstm:\n  layers: [64, 0]\n' >mine.yaml
$LOGDETECT train --recipe mine.yaml --input small.log --output m.lgd
