printf 'name: one\npattern: "^one (?<pid>(a+)+)$"\n' >one.yaml
printf 'name: two\npattern: "^two (?<pid>(a+)+)$"\n' >two.yaml
long=$(printf '%050d' 0 | tr 0 a)
for i in $(seq 400); do echo "one $i"; echo "two $i"; echo "one $long$i!"; echo "two $long$i!"; echo "one aaa"; echo "two aaa"; done >a.log
for n in 1 2 7; do $LOGDETECT scan --recipe fast -q --threads $n --format json --format-file one.yaml --format-file two.yaml a.log | jq -c '.summary.problems[0]'; done
