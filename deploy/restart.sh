#!/bin/sh
# restart.sh PORT...: restart the web workers of these ports one after the other, then the matchmaker.
#
# The next one goes only when the last is ready, so that one always serves; clients of the one that
# goes are told to come back, and do so at another. It stops at the first that does not become ready.
set -eu

test $# -gt 0 || { echo "usage: restart.sh PORT..." >&2; exit 2; }
settings=${ENVIRONMENT:-/etc/unitemate.env}
address=$(test ! -r "$settings" || . "$settings"; echo "${LISTEN:-127.0.0.1}")
for port in "$@"; do
    systemctl restart "unitemate-web@$port"
    tries=${TRIES:-60}
    until curl --fail --silent --output /dev/null --max-time 5 "http://$address:$port/readyz"; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ]; then
            echo "unitemate-web@$port is not ready: journalctl -u unitemate-web@$port -n 50" >&2
            exit 1
        fi
        sleep "${PAUSE:-1}"
    done
    echo "unitemate-web@$port is ready"
done
systemctl try-restart unitemate-matchmaker # where there is one
