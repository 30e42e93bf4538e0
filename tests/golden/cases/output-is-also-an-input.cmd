. "$CASES/../lib.sh"
small_model m.lgd
cp small.log before.log
small_scan --output small.log
status=$?
cmp small.log before.log && exit $status
