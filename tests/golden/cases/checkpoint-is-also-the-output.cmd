. "$CASES/../lib.sh"
small_log small.log
cp small.log before.log
printf 'seed: 1\n' >mine.yaml
train() { $LOGDETECT train --tz UTC --input small.log "$@"; }
train --output m.lgd --checkpoint ./m.lgd
train --output model --checkpoint model
mkdir model
train --output model --checkpoint model/model.lgd
train --output m.lgd --config mine.yaml --checkpoint mine.yaml
ln small.log t.state
train --output m.lgd --checkpoint t.state
status=$?
cmp small.log before.log && ls
exit $status
