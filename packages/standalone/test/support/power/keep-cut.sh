#!/bin/sh
# Runs at each boundary, as a child of the daemon: keeps what a power cut in this moment would leave.
# keep-cut.sh IMAGE STATISTICS HOME DIRECTORY BOUNDARY
# IMAGE stands for the disk; STATISTICS tells how much was written to it; HOME is kept too, unless it is ''.
set -eu
image=$1 statistics=$2 home=$3 directory=$4 boundary=$5
daemon=$PPID
# Two threads may come to boundaries at once: the one that is done would wake the daemon under the other's hands.
exec 9> "$directory.lock"
flock 9
kill -STOP "$daemon"
trap 'kill -CONT "$daemon"' EXIT
# A thread in the middle of a call stops after it.
while grep -hv '^[0-9]* (.*) T' "/proc/$daemon/task"/*/stat > /dev/null; do :; done
before=$(cat "$directory/last" 2> /dev/null || true)
now=$(awk '{ print $7 }' "$statistics") # sectors written
[ -z "$home" ] || now="$now $(cat "$home"/state/state.db* | cksum)"
[ "$now" != "$before" ] || exit 0
echo "$now" > "$directory/last"
mkdir "$directory/$boundary"
cp --sparse=always "$image" "$directory/$boundary/image"
[ -z "$home" ] || cp -a "$home/state" "$directory/$boundary/state"
