$LOGDETECT scan --tz UTC --input nothing-here.log
