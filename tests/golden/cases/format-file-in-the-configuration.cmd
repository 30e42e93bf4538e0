printf 'name: shop\npattern: "^(?<level>[A-Z]+) <(?<component>\\\\w+)>"\n' >shop.yaml
printf 'format-file: [shop.yaml]\n' >files.yaml
printf 'line-format: "(?<component>[A-Z]+) <"\n' >pattern.yaml
printf 'format-file: [shop.yaml, shop.yaml]\n' >twice.yaml
for i in $(seq 20); do echo "ERROR <cart> empty $i"; done >shop.log
$LOGDETECT parse -q --format jsonl --config files.yaml shop.log | jq -c '[.level,.component,.template,.format]' | uniq
$LOGDETECT parse -q --format jsonl --config pattern.yaml shop.log | jq -c '[.level,.component,.template,.format]' | uniq
$LOGDETECT parse -q --format jsonl --config twice.yaml shop.log; echo $?
