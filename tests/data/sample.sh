#!/bin/sh
# The generator's output is what data/sample holds, byte for byte, and the labels point at lines that exist.
# Usage: sample.sh GENERATOR SAMPLE_FOLDER
set -eu
generator=$1
sample=$2
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

"$generator" --out "$new"
failed=0
n_files=0
for packed in "$sample"/*/*; do
    name=${packed#"$sample"/}
    case $name in
    *.gz) gzip -dc "$packed" >"$new/unpacked" ;;
    *) cp "$packed" "$new/unpacked" ;;
    esac
    if ! cmp "$new/unpacked" "$new/${name%.gz}"; then
        echo "$name: differs from what lgd-sample writes; run: sh data/pack.sh PATH/TO/lgd-sample"
        failed=1
    fi
    rm -f "$new/${name%.gz}"
    n_files=$((n_files + 1))
done
rm -f "$new/unpacked"
left=$(find "$new" -type f)
if [ -n "$left" ]; then
    echo "not in $sample: $left"
    failed=1
fi

tab=$(printf '\t')
while IFS=$tab read -r id kind start end file first n_lines description; do
    [ "$id" = id ] && continue
    lines=$(gzip -dc "$sample/bad/$file.gz" | wc -l)
    if [ "$first" -lt 1 ] || [ $((first + n_lines)) -gt $((lines + 1)) ]; then
        echo "$id $kind ($description, $start to $end): line $first of $file, which has $lines"
        failed=1
    fi
done <"$sample/bad/labels.tsv"

echo "sample: $n_files files compared"
exit $failed
