# What several golden cases need; sourced by them.

# small_log FILE: enough lines to learn from, of one kind.
small_log() { gzip -dc "$SAMPLE/day1/auth.log.gz" | head -n 900 >"$1"; }

# small_model MODEL: learned from small_log, which stays as small.log.
small_model() {
    small_log small.log
    "$LOGDETECT" train --quiet --tz UTC --input small.log --output "$1" >/dev/null
}

# small_scan OPTION...: scans small.log, which the model knows.
small_scan() { "$LOGDETECT" scan --quiet --tz UTC --model m.lgd --input small.log "$@"; }

# put BYTES FILE OFFSET: overwrites bytes (a printf format) in a file.
put() { printf "$1" | dd of="$2" bs=1 seek="$3" conv=notrunc 2>/dev/null; }
