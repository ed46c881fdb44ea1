#!/bin/sh
# Runs a command in the image's IceTray environment, and is gone: with an entry point (Docker, `apptainer run`) the environment is there
# already; where this process was put into the image in another way (a batch system, `apptainer exec`) it is made here.
# SKYSCAN_ICETRAY_SHELL: an environment shell elsewhere.
if [ $# -eq 0 ]; then
  # Without a command the environment shells print a banner on stdout.
  echo "usage: in-icetray.sh COMMAND…" >&2
  exit 2
fi
# The image's own settings of bit-reproducible maths, where they did not come along; what is set stays.
: "${OPENBLAS_CORETYPE=Haswell}"
: "${NPY_DISABLE_CPU_FEATURES=AVX512F,AVX512_KNL,AVX512_KNM,AVX512_CLX,AVX512_CNL,AVX512_ICL,AVX512CD,AVX512_SKX}"
export OPENBLAS_CORETYPE NPY_DISABLE_CPU_FEATURES
# The environment shell refuses to run inside another one.
if [ -n "${I3_BUILD:-}" ]; then exec "$@"; fi
if [ -n "${SKYSCAN_ICETRAY_SHELL:-}" ]; then exec /bin/bash "$SKYSCAN_ICETRAY_SHELL" "$@"; fi
# Images up to v4.0, then v4.1 and newer.
if [ -e /usr/local/icetray/env-shell.sh ]; then exec /bin/bash /usr/local/icetray/env-shell.sh "$@"; fi
if [ -e /opt/icetray/bin/icetray-shell ]; then exec /bin/bash /opt/icetray/bin/icetray-shell exec "$@"; fi
exec "$@"
