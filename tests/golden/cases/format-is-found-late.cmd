access() { for i in $(seq "$1"); do echo "192.0.2.7 - - [01/May/2024:10:00:$((i % 50 + 10)) +0000] \"GET /a/$((i % 7)) HTTP/1.1\" 200 $i"; done; }
formats() { $LOGDETECT scan --recipe fast -q --tz UTC --session none --format json "$1" | jq -c '[.summary.formats,.summary.skipped.empty]'; }
{ seq 20000 | sed 's/.*/step & is done and nothing is to be said/'; access 600; } >plain-first.log
{ yes '' | head -n 17000; access 600; } >blank-first.log
{ head -c 1200000 /dev/zero | tr '\0' x; echo; access 600; } >big-first.log
for log in plain-first blank-first big-first; do formats $log.log; done
python='2024-05-01 10:00:07,123 - shop - INFO - cart is empty'
{ for i in $(seq 600); do echo "$python"; done; access 600; } |
  jq -Rc '{log: (. + "\n"), stream: "stdout", time: "2024-05-01T10:00:00.5Z"}' >inside.log
$LOGDETECT parse -q --format jsonl inside.log | jq -c '[.component,.template]' | uniq -c | sed 's/^ *//'
