#!/usr/bin/env bash
# Builds the native part of better-sqlite3, for the end-to-end tests. `npm ci` does not, so that the other tests need no compiler.
set -euo pipefail
cd "$(dirname "$0")/../../node_modules/better-sqlite3"

if [[ -f build/Release/better_sqlite3.node ]]; then exit 0; fi
node "$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js" rebuild --release
