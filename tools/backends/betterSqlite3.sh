#!/usr/bin/env bash
# Builds the native part of better-sqlite3, for the end-to-end tests. `npm ci` does not, so that the other tests need no compiler.
set -euo pipefail
cd "$(dirname "$0")/../../node_modules/better-sqlite3"

if [[ -f build/Release/better_sqlite3.node ]]; then exit 0; fi

# Most installations of Node bring their headers along; without them, node-gyp downloads them.
home=$(node -p 'path.resolve(process.execPath, "../..")')
if [[ -f $home/include/node/node.h ]]; then export npm_config_nodedir=$home; fi
node "$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js" rebuild --release
