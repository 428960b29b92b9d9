#!/usr/bin/env bash
# A TypeScript client from made/openapi.json, and example.ts compiled with it under --strict.
set -euo pipefail
cd "$(dirname "$0")"

skip() {
    printf '\n!! SKIPPED: no TypeScript client was made and tried: %s\n\n' "$1" >&2
    exit 0
}

# What npm says where nobody answers, or not to us: no fault of the client.
away='E(NOTFOUND|AI_AGAIN|CONN[A-Z]+|TIMEDOUT|NETUNREACH|HOSTUNREACH|PROTO|40[137]|5[0-9]{2})$'
away="npm (error|ERR!) code ($away|ERR_SOCKET_TIMEOUT|[A-Z_]*(CERT|ISSUER)[A-Z_]*)"

command -v node >/dev/null && command -v npm >/dev/null || skip "there is no Node here"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    skip "Node $(node --version) is older than 20.19"

if ! [ node_modules/.installed -nt package-lock.json ]; then
    echo "Installing the locked generator and compiler"
    if ! said=$(npm ci 2>&1); then
        echo "$said" >&2
        ! grep -qE "$away" <<<"$said" || skip "the npm registry cannot be reached"
        exit 1
    fi
    touch node_modules/.installed
fi
node_modules/.bin/openapi-ts --silent --no-log-file \
    -i ./made/openapi.json -o ./made/typescript -c @hey-api/client-fetch
node_modules/.bin/tsc --project .
echo "clients/made/typescript compiles under --strict"
