#!/bin/bash
# A stand-in for apptainer and singularity, called by either name: takes the part of their command line that the engine uses, refuses all
# else, and really enters the image, which is a directory with a root file system, or a tar file of one ("a SIF"). Needs root.
#   pull FILE URI      copies what STAND_IN_REGISTRY names, and notes it in STAND_IN_PULLS
#   run OPTIONS IMAGE COMMAND…   unpacks the image below STAND_IN_DIRECTORY
set -u
fatal() { echo "FATAL:   $*" >&2; exit 255; }
self=$(basename "$0")
prefix=${self^^}

if [ "${1-}" = pull ]; then
  echo "$3" >> "$STAND_IN_PULLS"
  cp "${STAND_IN_REGISTRY:-/nowhere}" "$2" 2> /dev/null || fatal "While making image from oci registry: failed to get checksum for $3"
  exit
fi
[ "${1-}" = run ] || fatal "unknown command: ${1-}"
shift

binds=() net=() home='' pwd='' contain='' clean=''
while [[ ${1-} == -* ]]; do
  case $1 in
    --containall) contain=yes ;;
    --cleanenv) clean=yes ;;
    --home=*) home=${1#*=} ;;
    --pwd=*) pwd=${1#*=} ;;
    --net) net=(--net) ;;
    --network=none) [ ${#net[@]} = 1 ] || fatal "--network without --net" ;;
    --bind)
      IFS=: read -r source destination mode <<< "$2"
      [[ $2 != *,* && $mode =~ ^r[ow]$ ]] || fatal "bad bind: $2"
      binds+=("$source" "$destination" "$mode"); shift ;;
    --mount)
      # CSV: a field may be quoted, with quotes in it doubled.
      source='' mode=rw rest=$2,
      while [[ $rest =~ ^(\"(([^\"]|\"\")*)\"|([^\",]*)),(.*)$ ]]; do
        field=${BASH_REMATCH[2]//\"\"/\"}${BASH_REMATCH[4]} rest=${BASH_REMATCH[5]}
        case $field in
          type=bind) ;;
          source=*) source=${field#*=} ;;
          destination=*) destination=${field#*=} ;;
          ro) mode=ro ;;
          *) fatal "bad mount field: $field" ;;
        esac
      done
      [ -z "$rest" ] || fatal "bad mount: $2"
      binds+=("$source" "$destination" "$mode"); shift ;;
    *) fatal "unknown flag: $1" ;;
  esac
  shift
done
image=${1-}
shift
{ [ -n "$contain" ] && [ -n "$clean" ]; } || fatal "the host would be seen"
[ -e "$image" ] || fatal "could not open image $image: no such file or directory"

# With --cleanenv too, some variables pass, and all with the prefix.
variables=("HOME=$home" "PATH=/bin" "${prefix}_CONTAINER=$image")
while IFS= read -r -d '' entry; do
  case $entry in
    "$prefix"ENV_*) variables+=("${entry#"$prefix"ENV_}") ;;
    TERM=* | http_proxy=* | https_proxy=*) variables+=("$entry") ;;
  esac
done < <(env -0)
declare -n no_eval="${prefix}_NO_EVAL"
[ "${no_eval-}" = 1 ] || fatal "values would be evaluated by a shell"

root=$(mktemp -d -p "$STAND_IN_DIRECTORY")
trap 'rm -rf --one-file-system "$root"' EXIT
if [ -d "$image" ]; then cp -a "$image/." "$root"; else tar -C "$root" -xf "$image"; fi
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root$home"
# shellcheck disable=SC2016  # for the shell in there
inside='
  root=$1 pwd=$2 count=$3; shift 3
  mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t sysfs sysfs "$root/sys" 2> /dev/null
  while [ "$count" -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; [ -e "$root$2" ] || : > "$root$2"; fi
    mount --bind "$1" "$root$2" || exit 255
    [ "$3" = rw ] || mount -o remount,bind,ro "$root$2" || exit 255
    shift 3; count=$((count - 3))
  done
  exec chroot "$root" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$pwd" "$@"'
# shellcheck disable=SC2016
command=(/bin/env -i "${variables[@]}" /bin/sh -c 'command -v "$1" > /dev/null || { echo "FATAL:   \"$1\": executable file not found in \$PATH" >&2; exit 255; }; exec "$@"' sh "$@")
exec 3<&0
unshare --mount --propagation private --pid --fork --kill-child "${net[@]}" sh -c "$inside" sh "$root" "$pwd" ${#binds[@]} "${binds[@]}" "${command[@]}" <&3
