. "$CASES/../lib.sh"
small_model m
echo 'session=x' >m/allow.txt
for model in m m/ m/model.lgd; do $LOGDETECT scan --tz UTC --model $model --output m/allow.txt small.log; done
cat m/allow.txt
