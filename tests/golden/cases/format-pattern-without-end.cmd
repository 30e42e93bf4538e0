for i in $(seq 700); do printf '%0*d!\n' $((i % 40 + 30)) 0 | tr 0 a; done >a.log
$LOGDETECT scan --recipe fast --format json --line-format '(?<pid>(a+)+)$' a.log 2>/dev/null | jq -c '.summary|[.lines_read,.scored,.formats,.problems]'
