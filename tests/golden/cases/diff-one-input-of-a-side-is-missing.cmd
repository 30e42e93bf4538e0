. "$CASES/../lib.sh"
mkdir good
small_log good/1.log
cp good/1.log bad.log
gzip -c good/1.log | head -c 2000 >good/2.gz
$LOGDETECT diff --tz UTC --recursive good bad.log
