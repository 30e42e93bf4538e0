. "$CASES/../lib.sh"
small_log small.log
$LOGDETECT train --recipe breif --input small.log --output m.lgd
