#!/bin/bash
# Waits until a file exists: wait_for_file.sh FILE SECONDS
# Exit status: 0 found; 1 usage; 2 FILE's directory does not exist or SECONDS is no whole number; 62 not there after SECONDS.

if [ $# -ne 2 ]; then
    echo "Usage: wait_for_file.sh FILE SECONDS" >&2
    exit 1
fi
file=$1
seconds=$2

if [ ! -d "$(dirname -- "$file")" ]; then
    echo "wait_for_file.sh: $(dirname -- "$file") is not a directory: $file can never appear there" >&2
    exit 2
fi
if ! [[ $seconds =~ ^[0-9]+$ ]]; then
    echo "wait_for_file.sh: SECONDS is '$seconds': it takes a whole number, 0 or greater" >&2
    exit 2
fi

# 10#: "060" is sixty, not an octal number.
for ((halves = 2 * 10#$seconds; halves > 0; halves--)); do
    if [ -e "$file" ]; then break; fi
    sleep 0.5
done
if [ ! -e "$file" ]; then
    echo "wait_for_file.sh: $file is not there after $seconds s" >&2
    exit 62
fi
echo "wait_for_file.sh: $file is there" >&2
