. "$CASES/../lib.sh"
gzip -dc "$SAMPLE/day2/auth.log.gz" | head -n 700 >more.log
small_model m.lgd
cp m.lgd old.lgd
update() { $LOGDETECT train --quiet --tz UTC --update --input more.log "$@" >/dev/null; }
update --model old.lgd --output new.lgd
cmp old.lgd m.lgd && echo untouched
update --output m.lgd
cmp m.lgd new.lgd && echo same
# Named twice, and through a pipe.
cp old.lgd m.lgd
$LOGDETECT train --quiet --tz UTC --update --input - --model m.lgd --output m.lgd <more.log >/dev/null
cmp m.lgd new.lgd && echo same
ls -A
