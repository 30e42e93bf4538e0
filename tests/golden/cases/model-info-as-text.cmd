. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT model info m.lgd | sed 's/[0-9][0-9]* bytes, checksum [0-9a-f]*/N bytes, checksum X/; /^  sections/s/ [0-9][0-9]*/ N/g'
