#!/bin/sh
# A reco in oneshot mode: infile in, outfile out, with nothing but a POSIX shell and awk.
# The "fit" is half the squared distance, in units of 5 degrees, to the direction zenith 1.2, azimuth 3.4.
set -eu
infile=$1
outfile=$2

# The value of a key that stands once in the line, as JSON text: a number, or a string with its quotes.
value_of() {
  awk -v key="\"$1\":" '{
    at = index($0, key)
    if (at == 0) exit 1
    rest = substr($0, at + length(key))
    if (match(rest, /^"([^"\\]|\\.)*"/) || match(rest, /^[^,}]*/)) print substr(rest, 1, RLENGTH)
    exit
  }' "$infile"
}

# `unit` is opaque: it goes back as it came, quotes and escapes included.
UNIT=$(value_of unit) ZENITH=$(value_of zenithRad) AZIMUTH=$(value_of azimuthRad)
export UNIT ZENITH AZIMUTH
echo "unit $UNIT: zenith $ZENITH, azimuth $AZIMUTH"

# Written beside and renamed: nobody ever sees half an answer.
awk 'BEGIN {
  zenith = ENVIRON["ZENITH"] + 0; azimuth = ENVIRON["AZIMUTH"] + 0
  cosine = cos(zenith) * cos(1.2) + sin(zenith) * sin(1.2) * cos(azimuth - 3.4)
  sine = sqrt(cosine * cosine < 1 ? 1 - cosine * cosine : 0)
  degrees = atan2(sine, cosine) * 180 / 3.141592653589793
  printf "{\"type\":\"result\",\"unit\":%s,\"llh\":%.10g}\n", ENVIRON["UNIT"], 1000 + 0.5 * (degrees / 5) ^ 2
}' > "$outfile.part"
mv "$outfile.part" "$outfile"
