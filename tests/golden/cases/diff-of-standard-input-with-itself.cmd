$LOGDETECT diff - -
