#!/bin/sh
# A small limit of files' sizes (ulimit -f) is an error with words, not the program's death by a
# signal (SIGXFSZ). Argument: the program.
file=$(mktemp) || exit 99
message=$( (ulimit -f 0; exec "$1" --help >"$file") 2>&1)
status=$?
rm -f "$file"
printf 'exit code %s: %s\n' "$status" "$message"
[ "$status" -eq 1 ] && [ -z "${message##*standard output*File too large*}" ]
