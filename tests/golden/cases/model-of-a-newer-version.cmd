# The version stands behind the eight bytes of the magic.
. "$CASES/../lib.sh"
small_model m.lgd
printf '\002' | dd of=m.lgd bs=1 seek=8 conv=notrunc 2>dd.log
small_scan
