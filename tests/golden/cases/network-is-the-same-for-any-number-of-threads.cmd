. "$CASES/../lib.sh"
bad_orders today.log
for n in 1 2 3; do
    order_model m.lgd --threads $n
    mv m.lgd m$n.lgd
    cp m$n.lgd m.lgd
    $LOGDETECT scan --quiet --tz UTC --threads $n --model m.lgd --input today.log --format jsonl --emit all >out$n.jsonl
done
cmp m1.lgd m2.lgd && cmp m1.lgd m3.lgd && cmp out1.jsonl out2.jsonl && cmp out1.jsonl out3.jsonl && echo same
