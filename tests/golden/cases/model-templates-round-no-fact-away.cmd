. "$CASES/../lib.sh"
awk 'BEGIN { for (i = 0; i < 4000; i++)
    printf "2026-03-02 10:%02d:%02d INFO app[7]: inode=%d cost=%s shard=k%d\n", i / 60 % 60, i % 60, 123456789 + i % 2, i % 2 ? "0.12345678" : 1000000, i == 77 ? 9 : 8 }' >app.log
$LOGDETECT train --quiet --recipe "$QUICK" --tz UTC --input app.log --output m.lgd >/dev/null
$LOGDETECT model templates -v m.lgd | sed -n '4,$p'
