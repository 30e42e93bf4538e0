. "$CASES/../lib.sh"
small_model m.lgd
gzip -c small.log >small.gz
xz -c small.log >small.xz
zstd -q -c small.log >small.zst
for file in small.log small.gz small.xz small.zst; do
    $LOGDETECT scan --quiet --tz UTC --model m.lgd --input $file --format jsonl --emit all |
        jq -c 'select(.type == "line") | [.line, .offset, .template_id, .bits]' | cksum
done | uniq | wc -l
