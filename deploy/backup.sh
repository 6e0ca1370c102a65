#!/bin/sh
# backup.sh FOLDER: dump the database of DATABASE_URL into FOLDER, with the number of rows of each table.
#
# Dump and numbers are of one moment (an exported snapshot), whatever is written meanwhile. It prints the
# dump's path; restore.sh compares the numbers. It reads only, and may run at any time.
set -eu
umask 077

folder=${1:?usage: backup.sh FOLDER}
: "${DATABASE_URL:?is not set}"
dump=$folder/unitemate-$(date -u +%Y%m%dT%H%M%SZ).dump
export DATABASE_URL dump

# The address may hold a password, and everybody on the machine sees what programs are started with. So
# PostgreSQL's own read it from a file (libpq's connection service file, which takes all that an address may say).
PGSERVICEFILE=$(mktemp)
export PGSERVICEFILE PGSERVICE=unitemate
trap 'rm -f "$PGSERVICEFILE" "$dump.part" "$dump.counts.part"' EXIT
python3 - >"$PGSERVICEFILE" <<'PYTHON'
import os, sys
from urllib.parse import parse_qsl, unquote, urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
if not url.scheme.startswith(("postgres", "pgsql", "psql")):
    sys.exit("backup.sh: DATABASE_URL is no address of PostgreSQL")
said = {"host": url.hostname, "port": url.port, "user": url.username, "password": url.password, "dbname": url.path[1:]}
print("[unitemate]")
for name, value in said.items():
    if value:
        print(f"{name}={unquote(str(value))}")
for name, value in parse_qsl(url.query):
    print(f"{name}={value}")
PYTHON

psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --format=custom --no-owner --snapshot="$SNAPSHOT" --file="$dump.part"
\o | cat > "$dump.counts.part"
SELECT format('SELECT %L, count(*) FROM %I.%I', tablename, schemaname, tablename)
    FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename \gexec
COMMIT;
SQL

pg_restore --list "$dump.part" >/dev/null # psql does not say whether pg_dump has failed
test -s "$dump.counts.part"
mv "$dump.counts.part" "$dump.counts"
mv "$dump.part" "$dump"
echo "$dump"
