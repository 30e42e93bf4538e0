. "$CASES/../lib.sh"
small_log small.log
printf '# mine\nmembers:\n  iforest: 0.6\n  novelty: 0.4\n' >mine.yaml
$LOGDETECT train --quiet --tz UTC --recipe mine.yaml --input small.log --output a.lgd >/dev/null
$LOGDETECT train --quiet --tz UTC --ensemble iforest=0.6,novelty=0.4 --input small.log --output b.lgd >/dev/null
$LOGDETECT train --quiet --tz UTC --recipe mine.yaml --ensemble rate=1 --input small.log --output c.lgd >/dev/null
cmp a.lgd b.lgd && echo same
$LOGDETECT model info --format json c.lgd | jq -c .members
$LOGDETECT scan --quiet --tz UTC --recipe mine.yaml --input small.log --format json | jq -c .model.members
