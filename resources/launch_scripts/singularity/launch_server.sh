#!/bin/bash
# `skyscan server` in a container: launch_server.sh takes the server's flags, with paths as they are on this machine.
# Settings and exit status: see ../launch.sh.
exec "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../launch.sh" singularity server "$@"
