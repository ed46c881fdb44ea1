#!/bin/sh
# set-up.sh tokens [DIRECTORY]: before the broker starts, as its user: the key that signs, and a token each of the roles admin, scans-server and
#     scans-client, in files that only their owner reads (default: /etc/pulsar/tokens). What is there stays. PULSAR names Pulsar's program (default: pulsar).
# set-up.sh namespace https://HOST:8443 [TENANT/NAMESPACE [DIRECTORY]]: once it runs: makes the namespace (default: scans/default), where both roles may
#     produce and consume, nothing else (docs/brokers.md). With another tenant, make tokens of other roles for it. May be run again.
#     CURL_CA_BUNDLE names the authority of the broker's certificate, where it is none of the system's.
set -eu
umask 077
roles='scans-server scans-client'

tokens() {
    directory=$1
    mkdir -p "$directory"
    key=$(cd "$directory" && pwd)/secret.key
    if [ ! -s "$key" ]; then "${PULSAR:-pulsar}" tokens create-secret-key --output "$key"; fi
    for role in admin $roles; do
        token=$directory/$role.token
        if [ -s "$token" ]; then continue; fi
        "${PULSAR:-pulsar}" tokens create --secret-key "file://$key" --subject "$role" >"$token.part"
        mv "$token.part" "$token"
    done
}

# call METHOD PATH [JSON]: what is there already is no error. The token goes by stdin: command lines are seen by everybody.
call() {
    status=$(printf 'Authorization: Bearer %s\n' "$(cat "$directory/admin.token")" |
        curl -sS -o "$answer" -w '%{http_code}' -H @- -H 'Content-Type: application/json' -X "$1" ${3+-d "$3"} "$address/admin/v2/$2")
    case $status in
        2?? | 409) ;;
        *)
            echo "set-up.sh: $1 $2: the broker answered $status: $(cat "$answer")" >&2
            exit 1
            ;;
    esac
}

namespace() {
    address=$1 namespace=$2 directory=$3
    answer=$(mktemp)
    trap 'rm -f "$answer"' EXIT
    call GET clusters
    call PUT "tenants/${namespace%%/*}" "{\"adminRoles\": [\"admin\"], \"allowedClusters\": $(cat "$answer")}"
    call PUT "namespaces/$namespace" '{}'
    for role in $roles; do call POST "namespaces/$namespace/permissions/$role" '["produce", "consume"]'; done
    for side in server client; do
        echo "$side: SKYSCAN_BROKER_CLIENT=pulsar SKYSCAN_BROKER_ADDRESS=wss://${address#https://}/$namespace SKYSCAN_BROKER_AUTH_FILE=$directory/scans-$side.token"
    done
}

case ${1:-} in
    tokens) tokens "${2:-/etc/pulsar/tokens}" ;;
    namespace) namespace "${2:?give the address of the web service, such as https://pulsar.example.org:8443}" "${3:-scans/default}" "${4:-/etc/pulsar/tokens}" ;;
    *)
        echo "set-up.sh takes tokens or namespace" >&2
        exit 2
        ;;
esac
