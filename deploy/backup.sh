#!/bin/sh
# A backup: backup.sh IMAGES BACKUPS. The database that the PG* variables name, then the images of
# the journal, into a folder of BACKUPS named by the moment; whole or not there. The newest
# KEEP_BACKUPS stay. IMAGES is "-" where they lie in a bucket.
set -eu
umask 077
images=$1 backups=$2
name=$(date -u +%Y%m%dT%H%M%SZ)
half=$backups/.$name.half
trap 'rm -rf "$half"' EXIT
mkdir "$half"

pg_dump --format=custom --no-owner --no-privileges --file="$half/skyll.dump"
pg_restore --list "$half/skyll.dump" >/dev/null
# After the rows: each row that is in the dump finds its picture.
[ "$images" = - ] || tar -C "$images" -cf "$half/images.tar" .
(cd "$half" && sha256sum -- * >SHA256SUMS)
sync
mv "$half" "$backups/$name"
date -u +%FT%TZ >"$backups/last"

ls -d "$backups"/2*Z | sort -r | tail -n +$((${KEEP_BACKUPS:-14} + 1)) | xargs -r rm -rf --
echo "$backups/$name: $(du -sh "$backups/$name" | cut -f1)"
