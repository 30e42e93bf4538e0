. "$CASES/../lib.sh"
small_model m.lgd
$LOGDETECT model info --format json m.lgd >info.json
jq -c '[.schema_version, .path, .events, .lines, .time_start, .time_end, .seed, .target_fpr, .contamination, .formats, .members]' info.json
jq -c --argjson bytes "$(wc -c <m.lgd)" '.bytes == $bytes' info.json
