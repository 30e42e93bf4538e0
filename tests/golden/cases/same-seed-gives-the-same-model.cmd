. "$CASES/../lib.sh"
small_log small.log
for run in 1:a 1:b 2:c; do
    $LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --seed "${run%:*}" --input small.log --output "${run#*:}.lgd" >/dev/null
done
cmp a.lgd b.lgd && echo same
cmp -s a.lgd c.lgd || echo other
