$LOGDETECT scan --modle m.lgd --input x.log
