$LOGDETECT scna --input x.log
