. "$CASES/../lib.sh"
cat >shop.yaml <<'X'
name: shop
pattern: '^(?<time>\S+ \S+) (?<level>[A-Z]+) <(?<component>\w+)/(?<pid>\d+)>'
time: day-first
levels: {HINT: debug}
samples:
  - line: '03/05/2024 10:00:07 HINT <cart/17> emptied'
    time: 2024-05-03T10:00:07Z
    level: debug
    message: emptied
X
for i in $(seq 1000 1999); do echo "03/05/2024 10:00:07 HINT <cart/17> emptied $i of $((i % 7))"; done >shop.log
$LOGDETECT train --recipe "$QUICK" -q --tz UTC --format-file shop.yaml --input shop.log --output m.lgd --format json | jq -c .summary.formats
rm shop.yaml
head -n 3 shop.log | $LOGDETECT parse --tz UTC --model m.lgd --format jsonl - | jq -c '[.timestamp,.level,.component,.message]'
