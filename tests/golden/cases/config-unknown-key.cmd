printf 'threads: 2\nmodle: m.lgd\n' >c.yaml
$LOGDETECT scan --config c.yaml --input x.log
