#!/bin/sh
# Writes data/sample anew: runs the generator and compresses what it wrote, the same bytes each time.
# Usage: sh data/pack.sh PATH/TO/lgd-sample
set -eu
generator=$1
sample=$(cd "$(dirname "$0")" && pwd)/sample
rm -rf "$sample"
"$generator" --out "$sample"
# The time goes into the gzip header: the logs in the style of syslog have no year of their own.
for log in "$sample"/*/*.log "$sample"/*/syslog; do
    touch -d 2026-03-06T00:00:00Z "$log"
    gzip -9 "$log"
done
