. "$CASES/../lib.sh"
small_log small.log
head -n 700 small.log >fewer.log
train() { $LOGDETECT train --quiet --tz UTC --output m.lgd --checkpoint t.state "$@"; }
train --epochs 2 --input small.log >first.txt
rm m.lgd first.txt
cp t.state kept.state
train --epochs 3 --input small.log
train --epochs 2 --seed 7 --input small.log
train --epochs 2 --input fewer.log
status=$?
cmp t.state kept.state
ls
exit $status
