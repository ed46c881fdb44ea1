#!/bin/bash
# Stands in for an image's env-shell.sh; sourced by that of a release.
release=$(cd "$(dirname "$0")" && pwd)
stand_in=$(cd "$release/../.." && pwd)
if [[ -n ${I3_BUILD:-} && $I3_BUILD != "$release" ]]; then
  echo "the environment shell is for $release, but I3_BUILD is $I3_BUILD" >&2
  exit 2
fi
export I3_BUILD=$release PATH="$stand_in/bin:$PATH" PYTHONPATH="$stand_in/python:$release" PYTHONDONTWRITEBYTECODE=1
if (($# == 0)); then
  echo "*** welcome ***"
  exec bash
fi
# No exec: a shell stays above the command.
"$@"
