#!/bin/sh
# manage.sh COMMAND...: a management command as the service would run it: as its user, with its environment.
#
# It belongs to the release that it lies in; /srv/unitemate/current/deploy/manage.sh is the running one's.
set -eu

cd "$(dirname "$0")/.."
if [ "$(id -u)" = 0 ]; then
    exec runuser -u unitemate -- deploy/manage.sh "$@"
fi
set -a
. "${ENVIRONMENT:-/etc/unitemate.env}"
METRICS_DIR=${METRICS_DIR:-/var/lib/unitemate/metrics}
set +a
exec .venv/bin/python manage.py "$@"
