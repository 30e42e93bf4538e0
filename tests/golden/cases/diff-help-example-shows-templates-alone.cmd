# the summary is a record too, which has no template
. "$CASES/../lib.sh"
small_log good.log
cp good.log bad.log
echo "Mar  2 16:00:00 db01 kernel: disk failure" >>bad.log
filter=$($LOGDETECT diff --help | sed -n 's/.*--format jsonl .* | jq //p')
$LOGDETECT diff --quiet --format jsonl good.log bad.log | eval "jq $filter"
