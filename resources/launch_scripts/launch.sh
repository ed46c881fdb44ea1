#!/bin/bash
# launch.sh docker|singularity server|client FLAGS…: what the scripts in docker/ and singularity/ have in common.
#
# Paths mean the same inside and outside: what a flag or a SKYSCAN_ variable names is mounted where it is, read-only unless something is
# written there. Of the environment only SKYSCAN_, EWMS_, RABBITMQ_ and PULSAR_ variables go in, by name: no value is in a command line.
#
# docker       SKYSCAN_DOCKER_IMAGE (skyscan), SKYSCAN_DOCKER_IMAGE_TAG (latest); an image that is nowhere is built from this checkout.
#              SKYSCAN_DOCKER_PULL_ALWAYS=1: pulled anew at each start.
# singularity  SKYSCAN_SINGULARITY_IMAGE: a file, a directory or an address. SKYSCAN_SINGULARITY_BUNDLE: an unpacked `skyscan bundle` to use
#              inside an image that does not have the program, such as an IceTray image.
# Exit status: that of skyscan; 2 for what cannot be started; else the runtime's own (125 to 127).
set -u

engine=$1 role=$2
shift 2
# As the paths below: without symbolic links.
cd -P . || exit 2
arguments=("$@")

fail() {
    echo "launch_$role.sh: $1" >&2
    exit 2
}

declare -A mounts=()

# mount_at PATH ro|rw: PATH exists.
mount_at() {
    local path
    path=$(realpath -ms -- "$1") || fail "$1 is no path"
    case $path in
        / | /bin | /dev | /etc | /lib | /lib64 | /opt | /opt/skyscan | /proc | /run | /sbin | /sys | /usr | /usr/bin | /usr/lib | /usr/local | /usr/local/bin | /var)
            fail "$path would hide the container's own: use another directory"
            ;;
    esac
    [ "${mounts[$path]:-}" = rw ] || mounts[$path]=$2
}

# must_be FLAG PATH: mounted read-only.
must_be() {
    [ -e "$2" ] || fail "$1 $2: there is no such file or directory"
    mount_at "$2" ro
}

# make_directory FLAG PATH: made when it is missing, and mounted to be written to.
make_directory() {
    mkdir -p -- "$2" || fail "$1 $2: the directory cannot be made"
    mount_at "$2" rw
}

# The file that a startup file sends its clients to for the broker's token.
mount_token_of() {
    local token
    token=$(sed -n 's/.*"tokenFile": *"\([^"\\]*\)".*/\1/p' "$1" | head -n 1)
    if [ -n "$token" ] && [ -e "$token" ]; then mount_at "$token" ro; fi
}

# The directory, not the file: it appears, and changes, by being replaced.
mount_startup() {
    if [ "$role" = server ]; then
        make_directory --client-startup-json "$(dirname -- "$1")"
    elif [ -d "$1" ]; then
        mount_at "$1" ro
        for file in "$1"/*.json; do if [ -f "$file" ]; then mount_token_of "$file"; fi; done
    else
        must_be --client-startup-json "$(dirname -- "$1")"
        if [ -L "$1" ]; then mount_at "$(dirname -- "$(readlink -f -- "$1")")" ro; fi
        if [ -f "$1" ]; then mount_token_of "$1"; fi
    fi
}

mount_list() {
    local entries entry
    IFS=: read -ra entries <<<"$1"
    for entry in "${entries[@]}"; do if [ -e "$entry" ]; then mount_at "$entry" ro; fi; done
}

declare -A given=()

# take FLAG VALUE
take() {
    [ -n "$2" ] || return 0
    case $1 in
        -e | --event-file | --tls-cert | --tls-key) must_be "$1" "$2" ;;
        -c | --cache-dir | -o | --output-dir | --debug-directory | --scratch-dir) make_directory "$1" "$2" ;;
        # A geometry may be a name, and the directory of GCD files may be the image's.
        -g | --gcd-dir | --geometry) if [ -e "$2" ]; then mount_at "$2" ro; fi ;;
        --reco-path) mount_list "$2" ;;
        --client-startup-json) mount_startup "$2" ;;
    esac
    given[$1]=yes
}

flag=
for word in "${arguments[@]}"; do
    case $word in
        --*=*) take "${word%%=*}" "${word#*=}" ;;
        --* | -?) flag=$word ;;
        -[cego]*)
            value=${word:2}
            take "${word:0:2}" "${value#=}"
            ;;
        *)
            take "$flag" "$word"
            case $flag in
                --reco-path | --client-startup-json) ;; # may take more
                *) flag= ;;
            esac
            ;;
    esac
done

# What skyscan writes and reads when no flag says otherwise.
is_given() {
    local name
    for name; do if [ -n "${given[$name]:-}" ]; then return 0; fi; done
    return 1
}
is_given --client-startup-json || mount_startup ./client-startup.json
if [ "$role" = server ]; then
    is_given -c --cache-dir || take --cache-dir ./skyscan-cache
    is_given -o --output-dir || take --output-dir .
fi

# As docs/configuration.md has it.
mount_list "${SKYSCAN_GCD_SOURCES:-/opt/i3-data/baseline_gcds:/cvmfs/icecube.opensciencegrid.org/users/RealTime/GCD/PoleBaseGCDs}"

forwarded=()
while read -r name; do
    case $name in
        SKYSCAN_DOCKER_* | SKYSCAN_SINGULARITY_*) continue ;;
        SKYSCAN_* | EWMS_* | RABBITMQ_* | PULSAR_*) forwarded+=("$name") ;;
        *) continue ;;
    esac
    [ -n "${!name}" ] || continue
    case $name in
        SKYSCAN_*_FILE) must_be "$name" "${!name}" ;;
        SKYSCAN_RECO_PATH) mount_list "${!name}" ;;
        EWMS_TASK_DATA_HUB_DIR) make_directory "$name" "${!name}" ;;
    esac
done < <(compgen -e)

run_docker() {
    command -v docker >/dev/null || fail "there is no docker here"
    local image=${SKYSCAN_DOCKER_IMAGE:-skyscan} options=() path name
    # A name may bring its own tag.
    if [ -n "${SKYSCAN_DOCKER_IMAGE_TAG:-}" ] || ! [[ ${image##*/} == *[:@]* ]]; then
        image+=:${SKYSCAN_DOCKER_IMAGE_TAG:-latest}
    fi
    case ${SKYSCAN_DOCKER_PULL_ALWAYS:-0} in
        1 | true | yes) options+=(--pull=always) ;;
        0 | false | no) docker image inspect "$image" >/dev/null 2>&1 || get_image "$image" ;;
        *) fail "SKYSCAN_DOCKER_PULL_ALWAYS is '$SKYSCAN_DOCKER_PULL_ALWAYS': it takes 1 or 0" ;;
    esac
    [ "$role" = server ] || options+=(--shm-size=6gb)
    if [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; then options+=(--interactive --tty); fi
    # Files belong to whoever started this. Podman without root maps users, and has to be told to map this one to itself.
    options+=(--user "$(id -u):$(id -g)")
    if [ "$(id -u)" -ne 0 ] && docker --version 2>/dev/null | grep -qi podman; then options+=(--userns=keep-id); fi
    # The comma is --mount's own; quoted as in CSV, a path may hold any character.
    for path in "${!mounts[@]}"; do
        options+=(--mount "type=bind,\"source=${path//\"/\"\"}\",\"target=${path//\"/\"\"}\"$([ "${mounts[$path]}" = rw ] || echo ,readonly)")
    done
    # Relative paths need the same working directory, which need not be mounted itself.
    if [ "$PWD" != / ] && [ -z "${mounts[$PWD]:-}" ]; then options+=(--mount "type=tmpfs,\"target=${PWD//\"/\"\"}\""); fi
    for name in "${forwarded[@]}"; do options+=(--env "$name"); done
    # Not the image's own: IceTray's is a shell, which would stay above the program and die of signals meant for it.
    options+=(--entrypoint skyscan)
    exec docker run --rm --init --network=host --workdir "$PWD" "${options[@]}" "$image" "$role" "${arguments[@]}"
}

# get_image IMAGE: from a registry when it was named, else built here.
get_image() {
    if [ -n "${SKYSCAN_DOCKER_IMAGE:-}" ] && docker pull "$1" >&2; then return; fi
    local checkout
    checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd) || exit 2
    [ -f "$checkout/Dockerfile" ] || fail "there is no image $1, and no Dockerfile in $checkout to build it from"
    echo "launch_$role.sh: there is no image $1: building it from $checkout/Dockerfile" >&2
    docker build --tag "$1" --file "$checkout/Dockerfile" "$checkout" >&2 || fail "the image $1 was not built"
}

run_singularity() {
    local runtime prefix options=() program=() path name
    runtime=$(command -v singularity || command -v apptainer) || fail "there is no singularity and no apptainer here"
    [ -n "${SKYSCAN_SINGULARITY_IMAGE:-}" ] || fail "SKYSCAN_SINGULARITY_IMAGE is not set: it names the image"
    if [ -n "${SKYSCAN_SINGULARITY_BUNDLE:-}" ]; then
        program=("$(realpath -ms -- "$SKYSCAN_SINGULARITY_BUNDLE")/bin/skyscan")
        must_be SKYSCAN_SINGULARITY_BUNDLE "$SKYSCAN_SINGULARITY_BUNDLE"
        [ -x "${program[0]}" ] || fail "SKYSCAN_SINGULARITY_BUNDLE: there is no ${program[0]}: unpack a tarball of \`skyscan bundle\` there"
    fi
    for path in "${!mounts[@]}"; do
        [[ $path != *[:,]* ]] || fail "$path: Singularity cannot mount a path with a colon or a comma"
        options+=(--bind "$path:$path:${mounts[$path]}")
    done
    prefix=SINGULARITYENV_
    [ "${runtime##*/}" = singularity ] || prefix=APPTAINERENV_
    for name in "${forwarded[@]}"; do export "$prefix$name=${!name}"; done
    exec "$runtime" run --cleanenv --pwd "$PWD" "${options[@]}" "$SKYSCAN_SINGULARITY_IMAGE" "${program[@]}" "$role" "${arguments[@]}"
}

"run_$engine"
