#!/bin/sh
# Time and level of each line of the lnav sample files, compared with what headers.py reads from them on its own. The
# samples lie in formats.tar.xz in LGD_DATA (default: ../shared/data beside the project). Fails below 99 % of the lines.
# Usage: headers.sh LOGDETECT [NAME]... ; with names the wrong lines of these files are shown. 77: no samples or Python.
set -u
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
here=$(cd "$(dirname "$0")" && pwd)
LOGDETECT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
export LOGDETECT
shift
data=${LGD_DATA:-$here/../../../shared/data}
command -v python3 >/dev/null || {
    echo "no python3; skipped"
    exit 77
}
[ -f "$data/formats.tar.xz" ] || {
    echo "no formats.tar.xz in $data: set LGD_DATA to the folder that has it; skipped"
    exit 77
}
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
tar -xJf "$data/formats.tar.xz" -C "$work" lnav_samples || exit 1
python3 "$here/headers.py" "$work/lnav_samples/test" "$@"
