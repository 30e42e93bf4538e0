$LOGDETECT diff a.log
