$LOGDETECT scan --model
