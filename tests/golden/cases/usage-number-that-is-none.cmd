$LOGDETECT scan --threads four --input x.log
