$LOGDETECT parse --contamination 0.1 --input x.log
