#!/bin/sh
# The rooms use only what lies above them: every lgd_ symbol that a room's library leaves undefined is defined in a room
# that it names in DEPENDS, or that one of those names. Usage: deps.sh BUILD_FOLDER
set -eu
build=$1
rooms=$build/rooms.txt # lines: room dependency...
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# symbols KIND_PATTERN LIBRARY: the lgd_ symbols of these kinds.
symbols() { nm "$2" 2>/dev/null | awk -v kinds="$1" 'NF > 1 && $(NF - 1) ~ kinds && $NF ~ /^lgd_/ { print $NF }' | sort -u; }

# reach ROOM: all rooms that it may use, itself included.
reach() {
    echo "$1"
    for next in $(awk -v room="$1" '$1 == room { $1 = ""; print }' "$rooms"); do reach "$next"; done
}

all=$(awk '{ print $1 }' "$rooms")
[ -n "$all" ] || {
    echo "$rooms names no room"
    exit 1
}
for room in $all; do
    library=$(find "$build" -name "liblgd_$room.a" | head -n 1)
    [ -n "$library" ] || {
        echo "room $room: no liblgd_$room.a in $build"
        exit 1
    }
    symbols '^[A-TV-Z]$' "$library" >"$work/$room.defined"
    symbols '^U$' "$library" >"$work/$room.undefined"
    [ -s "$work/$room.defined" ] || {
        echo "room $room: $library defines no lgd_ symbol"
        exit 1
    }
done

failed=0
for room in $all; do
    for used in $(reach "$room" | sort -u); do cat "$work/$used.defined"; done | sort -u >"$work/allowed"
    for symbol in $(comm -23 "$work/$room.undefined" "$work/allowed"); do
        echo "room $room uses $symbol, which is in none of the rooms it depends on"
        failed=1
    done
done
echo "deps: $(echo "$all" | wc -w) rooms checked"
exit $failed
