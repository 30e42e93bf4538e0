. "$CASES/../lib.sh"
small_log small.log
printf 'members: [lstm, counts, lstm]\n' >mine.yaml
$LOGDETECT train --recipe mine.yaml --input small.log --output m.lgd
