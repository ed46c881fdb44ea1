#!/bin/sh
# skyscan from its bundle: works from any directory, through symbolic links, and where the bundle cannot be written to.
set -eu
self=$0
while [ -h "$self" ]; do
    target=$(readlink -- "$self")
    case $target in
        /*) self=$target ;;
        *) self=$(dirname -- "$self")/$target ;;
    esac
done
bin=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)
# In front: recos that run `node` get this one, whatever the image has.
PATH=$bin:${PATH:-/usr/local/bin:/usr/bin:/bin}
export PATH
node=$bin/node
[ -e "$node" ] || node=node
exec "$node" "${bin%/bin}/app/skyscan/bin/skyscan.js" "$@"
