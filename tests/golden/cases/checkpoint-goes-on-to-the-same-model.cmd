. "$CASES/../lib.sh"
small_log small.log
train() { $LOGDETECT train --quiet --tz UTC --epochs 12 --input small.log "$@" >/dev/null; }
train --output plain.lgd
# Killed after some epoch, most often the first.
(
    $LOGDETECT train --quiet --tz UTC --epochs 12 --input small.log --output m.lgd --checkpoint t.state >killed.txt &
    while kill -0 $! && ! [ -e t.state ]; do :; done
    kill -9 $!
    wait $!
) 2>/dev/null
ls t.state
train --output again.lgd --checkpoint t.state
cmp plain.lgd again.lgd && echo same
# What is over is not trained any more.
cp t.state over.state
train --output over.lgd --checkpoint t.state
cmp plain.lgd over.lgd && cmp t.state over.state && echo same
