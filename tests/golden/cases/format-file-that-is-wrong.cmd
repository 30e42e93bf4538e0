printf 'name: x\npattern: "^(?<tiem>x)"\n' >x.yaml
$LOGDETECT parse --format-file x.yaml "$SAMPLE/../../README.md"; echo $?
printf 'name: x\npattern: "^x"\nsamples:\n- line: y\n' >x.yaml
$LOGDETECT scan --format-file x.yaml "$SAMPLE/../../README.md"; echo $?
$LOGDETECT train --format-file missing.yaml -o m.lgd "$SAMPLE/../../README.md"; echo $?
$LOGDETECT parse --line-format '(?<time>' "$SAMPLE/../../README.md"; echo $?
$LOGDETECT parse --line-format nginx "$SAMPLE/../../README.md"; echo $?
