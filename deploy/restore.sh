#!/bin/sh
# restore.sh BACKUP IMAGES: a folder that backup.sh made, into the EMPTY database that the PG*
# variables name, and its pictures into the empty folder IMAGES ("-" where they lie in a bucket).
set -eu
backup=$1 images=$2
(cd "$backup" && sha256sum --check --quiet SHA256SUMS)

tables=$(psql -XAtc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
[ "$tables" = 0 ] || { echo "$PGDATABASE has $tables tables: restore into an empty one" >&2; exit 1; }
pg_restore --exit-on-error --no-owner --no-privileges --jobs=2 --dbname="$PGDATABASE" "$backup/skyll.dump"
psql -Xqc "ANALYZE"
[ "$images" = - ] || tar -C "$images" -xf "$backup/images.tar"
echo "$backup is restored"
