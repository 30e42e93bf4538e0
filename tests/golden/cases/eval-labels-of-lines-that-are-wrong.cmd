. "$CASES/../lib.sh"
alerts plain.log no
try() { "$LOGDETECT" eval --tz UTC --recipe fast --labels labels.csv "$@"; echo "$?"; }
printf 'Line,Label\n1,0\n0,1\n' >labels.csv; try plain.log
printf 'Line,Label\n7,0\n8,1\n7,1\n' >labels.csv; try plain.log
printf 'Line,Label\n1,0\n' >labels.csv; cp plain.log other.log; try plain.log other.log
printf 'File,Line,Label\nsome.log,1,0\n' >labels.csv; try plain.log
printf 'Line,Label\n1,0\n2,1\n' >labels.csv; try plain.log # both train
