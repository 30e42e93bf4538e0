$LOGDETECT diff a.log b.log c.log
