. "$CASES/../lib.sh"
small_model m.lgd
small_scan --format jsonl --emit all | head -n 1 | wc -l
