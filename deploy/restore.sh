#!/bin/sh
# restore.sh DUMP DATABASE: restore a dump of backup.sh into a new database, and compare the rows of each table.
#
# DATABASE must not exist: nothing is ever overwritten. PGHOST, PGUSER and so on say where; the user must
# be allowed to make databases. Afterwards rename the databases, or have DATABASE_URL name the new one.
set -eu
umask 077

dump=${1:?usage: restore.sh DUMP DATABASE}
database=${2:?usage: restore.sh DUMP DATABASE}
owner=${OWNER:-}
test -s "$dump"
test -s "$dump.counts"

# Whatever the locale of whoever calls this: names are kept as characters (docs/operations.md, step 2).
createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 ${owner:+--owner="$owner"} "$database"
pg_restore --no-owner ${owner:+--role="$owner"} --exit-on-error --dbname="$database" "$dump"

restored=$(mktemp)
trap 'rm -f "$restored"' EXIT
run() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --dbname="$database"; }
run >"$restored" <<'SQL'
SELECT format('SELECT %L, count(*) FROM %I.%I', tablename, schemaname, tablename)
    FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename \gexec
SQL
if ! diff "$dump.counts" "$restored"; then
    echo "the rows differ from those of the backup" >&2
    exit 1
fi

# Clients may hold later versions of streams than the backup has. With the heads gone each stream begins
# anew under another epoch, so that every client takes the restored state for the newest.
run <<'SQL'
TRUNCATE realtime_head, realtime_mark, realtime_presence, realtime_worker, realtime_lease;
ANALYZE;
SQL
echo "$database: $(wc -l <"$restored") tables, $(awk -F'|' '{ rows += $2 } END { print rows }' "$restored") rows, as in the backup"
