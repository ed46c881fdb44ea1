#!/bin/bash
# `skyscan client` in a container: launch_client.sh takes the client's flags, with paths as they are on this machine.
# Settings and exit status: see ../launch.sh.
exec "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../launch.sh" docker client "$@"
