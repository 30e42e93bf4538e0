#!/bin/sh
# Writes data/sample anew: runs the generator and compresses what it wrote, the same bytes each time.
# Usage: sh data/pack.sh PATH/TO/lgd-sample
set -eu
generator=$1
sample=$(cd "$(dirname "$0")" && pwd)/sample
rm -rf "$sample"
"$generator" --out "$sample"
for log in "$sample"/*/*.log "$sample"/*/syslog; do
    gzip -9n "$log"
done
