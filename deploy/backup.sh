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

trap 'rm -f "$dump.part" "$dump.counts.part"' EXIT
psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 "$DATABASE_URL" <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --format=custom --no-owner --snapshot="$SNAPSHOT" --file="$dump.part" "$DATABASE_URL"
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
