$LOGDETECT train --epochs 0 --input x.log --output m.lgd
$LOGDETECT train --sequence-length 1001 --input x.log --output m.lgd
