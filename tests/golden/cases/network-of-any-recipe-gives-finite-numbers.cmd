. "$CASES/../lib.sh"
orders orders.log 0 200
orders today.log 200 40
for network in 'layers: [1], steps: 2, embedding: 1' 'layers: [1], steps: 2, loss: mse' 'layers: [3, 2], dropout: 0.5, loss: mse' 'layers: [3, 2], dropout: 0.9, embedding: 1'; do
    echo "lstm: {$network, epochs: 2}" >mine.yaml
    for options in --ensemble=lstm=1 --ensemble=iforest=0.6,lstm=0.4 --quiet; do
        $LOGDETECT train --quiet --tz UTC --recipe mine.yaml $options --session 'order=(\w+)' --input orders.log --output m.lgd --format json >a.json
        $LOGDETECT scan --quiet --tz UTC --model m.lgd --input today.log --format jsonl --emit all >b.jsonl
        cat a.json b.jsonl | grep -ciE '[:,[]-?(nan|inf)'
        jq '.. | numbers | select(. != . or . > 1e300 or . < -1e300)' a.json b.jsonl
    done
done | sort -u
