$LOGDETECT train --contamination 2 --input x.log --output m.lgd
