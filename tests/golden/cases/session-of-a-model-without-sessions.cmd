. "$CASES/../lib.sh"
small_model m.lgd
small_scan --session 'sshd\[(\d+)\]' --format json
