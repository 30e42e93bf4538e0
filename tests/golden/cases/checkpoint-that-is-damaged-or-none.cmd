. "$CASES/../lib.sh"
small_log small.log
train() { $LOGDETECT train --quiet --tz UTC --epochs 2 --input small.log --output m.lgd --checkpoint "$1"; }
train t.state >first.txt
rm m.lgd first.txt
head -c 5000 t.state >cut.state
put '\377' t.state 9000
echo "dear diary" >diary.txt
mkdir folder
for file in cut.state t.state diary.txt folder; do train $file; done
status=$?
cat diary.txt
ls
exit $status
