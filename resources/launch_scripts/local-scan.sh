#!/bin/bash
# One server and N clients on this machine, as separate processes: local-scan.sh N_CLIENTS OUTDIR
# (`skyscan scan` does the same with one command and a progress bar.) The logs and the startup file are written to OUTDIR.
#
# Required: SKYSCAN_CACHE_DIR, SKYSCAN_OUTPUT_DIR, SKYSCAN_DEBUG_DIR, _RECO_ALGO, _EVENTS_FILE, _NSIDES ("8:0 64:12 512:24")
# Optional: _PREDICTIVE_SCANNING_THRESHOLD; and all that `node server` and `node client` read, such as SKYSCAN_BROKER_ADDRESS
# Exit status: the server's; 2 for a wrong call. Ctrl-C or SIGTERM stops the server (resumable: run the same again), then the clients.
set -u

usage() {
    echo "local-scan.sh: $1" >&2
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

[ $# -eq 2 ] || usage "takes two arguments, got $#"
n_clients=$1
[[ $n_clients =~ ^[1-9][0-9]*$ ]] || usage "N_CLIENTS is '$n_clients': it takes a whole number, 1 or greater"
missing=()
for name in SKYSCAN_CACHE_DIR SKYSCAN_OUTPUT_DIR SKYSCAN_DEBUG_DIR _RECO_ALGO _EVENTS_FILE _NSIDES; do
    [ -n "${!name:-}" ] || missing+=("$name")
done
[ ${#missing[@]} -eq 0 ] || usage "not set: ${missing[*]}"

mkdir -p -- "$2" "$SKYSCAN_DEBUG_DIR" || exit 2
outdir=$(cd -- "$2" && pwd) || exit 2
checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd) || exit 2
startup=$outdir/client-startup.json
# A file that an earlier scan left would send the clients to a server that is gone.
rm -f -- "$startup"

read -ra nsides <<<"$_NSIDES"
server_args=(--reco-algo "$_RECO_ALGO" --event-file "$_EVENTS_FILE" --client-startup-json "$startup"
    --cache-dir "$SKYSCAN_CACHE_DIR" --output-dir "$SKYSCAN_OUTPUT_DIR" --nsides "${nsides[@]}")
[ -z "${_PREDICTIVE_SCANNING_THRESHOLD:-}" ] || server_args+=(--predictive-scanning-threshold "$_PREDICTIVE_SCANNING_THRESHOLD")

# They are this script's own: to server and client they would be unknown SKYSCAN_ variables.
export -n SKYSCAN_CACHE_DIR SKYSCAN_OUTPUT_DIR SKYSCAN_DEBUG_DIR

node "$checkout/server.js" "${server_args[@]}" 2> >(tee -- "$outdir/server.log" >&2) &
server=$!

clients=()
for ((i = 1; i <= n_clients; i++)); do
    # Each client waits for the startup file by itself; the server may take its time with a large event.
    node "$checkout/client.js" --client-startup-json "$startup" --wait-for-startup-sec 3600 \
        --debug-directory "$SKYSCAN_DEBUG_DIR/client-$i" >"$outdir/client-$i.log" 2>&1 &
    clients+=($!)
done

signalled=0
trap 'signalled=1; kill -TERM "$server" 2>/dev/null' INT TERM
wait "$server"
status=$?
# A trapped signal ends `wait` early, with a status of its own: the server is still on its way out.
while ((signalled && status > 128)); do
    signalled=0
    wait "$server"
    status=$?
done

# The server's END makes the clients leave; after any other end nobody would tell them.
if [ $status -ne 0 ]; then kill -TERM "${clients[@]}" 2>/dev/null; fi
wait
echo "local-scan.sh: the server ended with status $status; logs are in $outdir" >&2
exit $status
