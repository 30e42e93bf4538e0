. "$CASES/../lib.sh"
small_log small.log
printf 'members: [counts]\nlstm:\n  layer: [64]\n' >mine.yaml
$LOGDETECT train --recipe mine.yaml --input small.log --output m.lgd
