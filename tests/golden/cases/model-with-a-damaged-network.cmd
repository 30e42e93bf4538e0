. "$CASES/../lib.sh"
order_model m.lgd
entry=$(LC_ALL=C grep -abo lstm m.lgd | head -n 1 | cut -d : -f 1) # of the section, in the table of them: name, version, crc, offset, length
begin=$(od -An -t u8 -j $((entry + 16)) -N 8 m.lgd)
length=$(od -An -t u8 -j $((entry + 24)) -N 8 m.lgd)
for at in 0 $((length / 2)) $((length - 1)); do
    cp m.lgd bad.lgd
    put '\253' bad.lgd $((begin + at))
    $LOGDETECT scan --quiet --tz UTC --model bad.lgd --input orders.log
    echo $?
done
