. "$CASES/../lib.sh"
order_model m.lgd
cp m.lgd before.lgd
orders more.log 400 100
head -n 3 more.log >few.log
train() { $LOGDETECT train --quiet --tz UTC --output m.lgd "$@"; }
train --update --input few.log
train --update --input orders.log
train --update --input more.log --session 'order=o(\d+)'
train --update --input more.log --session none
train --update --input more.log --ensemble counts=1
train --update --input more.log --recipe brief
train --update --input more.log --sequence-length 9
train --update --input more.log --seed 3
train --update --input more.log --target-fpr 0.3
train --update --input more.log --contamination 0.3
train --update --input more.log --half-life 0
train --update --input more.log --model none.lgd
train --update --input more.log --model few.log
head -c 3000 m.lgd >cut.lgd
train --update --input more.log --model cut.lgd
$LOGDETECT train --quiet --tz UTC --input more.log --model before.lgd --output new.lgd
train --update --input m.lgd
status=$?
cmp m.lgd before.lgd
ls
exit $status
