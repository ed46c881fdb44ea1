#!/bin/sh
# set-up.sh [VHOST [DIRECTORY]]: on the broker's host, as a user who may call rabbitmqctl (RABBITMQCTL names another one).
# Makes the virtual host (default: scans) and two users with the rights that docs/brokers.md lists and no others: VHOST-server, VHOST-client; removes guest.
# Their passwords stand in DIRECTORY (default: here), VHOST-server.password and VHOST-client.password, readable by their owner alone; those that are not
# there are drawn. Run it again after you changed or removed one: the files are what counts.
set -eu
vhost=${1:-scans}
directory=${2:-.}
program=${RABBITMQCTL:-rabbitmqctl}
ctl() { "$program" --quiet "$@"; }

if ! ctl list_vhosts name | grep -Fxq -- "$vhost"; then ctl add_vhost "$vhost"; fi
# Beside other users of the same broker: 300 clients that serve eight scans each hold 4,800 connections and as many queues of their own.
ctl set_vhost_limits -p "$vhost" '{"max-connections": 10000, "max-queues": 10000}'
users=$(ctl list_users | cut -f 1)

# user NAME CONFIGURE WRITE READ
user() {
    file=$directory/$1.password
    if [ ! -s "$file" ]; then (umask 077 && openssl rand -hex 24 >"$file"); fi
    how=add_user
    if printf '%s\n' "$users" | grep -Fxq -- "$1"; then how=change_password; fi
    # By its stdin: command lines are seen by everybody. RabbitMQ 4.0 waits for ever when it shall read it and be quiet.
    "$program" "$how" "$1" <"$file" >/dev/null
    ctl set_permissions -p "$vhost" "$1" "$2" "$3" "$4"
}
user "$vhost-server" '^((to-clients|from-clients|dead|workers|control|lock)-|amq\.gen)' '^(control-|amq\.default$)' '^(to-clients|from-clients|dead|workers)-'
user "$vhost-client" '^amq\.gen' '^(amq\.gen|amq\.default$)' '^((to-clients|control)-|amq\.gen)'
# Everybody knows its password.
if printf '%s\n' "$users" | grep -Fxq guest; then ctl delete_user guest; fi

for side in server client; do
    echo "$side: SKYSCAN_BROKER_ADDRESS=amqps://$vhost-$side@HOST/$vhost SKYSCAN_BROKER_AUTH_FILE=$directory/$vhost-$side.password"
done
