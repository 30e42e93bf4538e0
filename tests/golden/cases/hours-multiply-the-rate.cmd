. "$CASES/../lib.sh"
small_model m.lgd
thresholds() { small_scan --format jsonl --emit all "$@" | jq -r 'select(.type == "line") | [(.timestamp | .[11:13]), (.threshold * 1000 | floor | tostring)] | join(" ")' | sort | uniq -c | head -n 6; }
thresholds
thresholds --hours 1-3=0.1,3=20
printf 'hours: 0-24=0.5\n' >c.yaml
thresholds --config c.yaml
for hours in 25=1 1=0 1=2,0-5=3 night=2; do small_scan --hours $hours; done
