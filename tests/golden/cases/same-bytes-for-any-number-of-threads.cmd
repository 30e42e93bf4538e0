. "$CASES/../lib.sh"
for n in 1 2 7; do
    $LOGDETECT train --quiet --recipe "$QUICK" --threads $n --tz UTC --input "$SAMPLE/day1/*.gz" --output m$n.lgd >/dev/null
    $LOGDETECT scan --quiet --threads $n --tz UTC --model m$n.lgd --input "$SAMPLE/bad/*.gz" --format jsonl --emit all >out$n.jsonl
    sed "s/m$n.lgd/m.lgd/" out$n.jsonl >named$n.jsonl
done
cmp m1.lgd m2.lgd && cmp m1.lgd m7.lgd && cmp named1.jsonl named2.jsonl && cmp named1.jsonl named7.jsonl && echo same
