. "$CASES/../lib.sh"
gzip -dc "$SAMPLE/day1/auth.log.gz" >day.log
head -n 900 day.log >first.log
sed -n 901,1900p day.log >second.log
train() { $LOGDETECT train --tz UTC --session none --ensemble novelty=0.5,rate=0.5 --output m.lgd "$@" | sed -n '/Learned/p; /went on/p; /enough/p'; }
train --input first.log
train --update --input second.log
# What it cannot know: that it had half of it, that this is another log.
cat first.log second.log >both.log
train --update --input both.log
gzip -dc "$SAMPLE/day1/app.log.gz" | head -n 900 >other.log
train --update --input other.log
