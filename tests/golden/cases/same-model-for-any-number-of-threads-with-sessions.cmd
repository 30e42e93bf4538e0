. "$CASES/../lib.sh"
orders orders.log 0 400
for n in 1 4; do
    $LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --threads $n --session 'order=(\w+)' --input orders.log --output m$n.lgd >/dev/null
done
cmp m1.lgd m4.lgd && echo same
