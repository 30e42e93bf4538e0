. "$CASES/../lib.sh"
small_model m.lgd
escapes() { tr -dc '\033' | wc -c; }
small_scan --color always | escapes | grep -c '^0$'
NO_COLOR=1 $LOGDETECT scan --quiet --tz UTC --model m.lgd --input small.log | escapes
NO_COLOR=1 $LOGDETECT scan --quiet --tz UTC --color auto --model m.lgd --input small.log | escapes
small_scan | escapes
