. "$CASES/../lib.sh"
small_log small.log
# The GPU that this machine may have is hidden; a build without cuda gives another reason, and a hint.
CUDA_VISIBLE_DEVICES= $LOGDETECT train --device cuda --recipe "$QUICK" --input small.log --output m.lgd 2>err
status=$?
ls -A
sed -e '1s/cuda: .*; nothing was done$/cuda: REASON; nothing was done/' -e '/^logdetect: see:/d' err >&2
exit $status
