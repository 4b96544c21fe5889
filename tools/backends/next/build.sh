#!/usr/bin/env bash
# Installs Next.js, apart from the project since it takes 370 MB, for the end-to-end tests. Does nothing if that has been done, and
# prints the folder.
set -euo pipefail
cd "$(dirname "$0")"

folder=$PWD/../../../.cache/backends/next
if ! cmp --silent package-lock.json "$folder/installed.json"; then
  mkdir -p "$folder"
  cp package.json package-lock.json "$folder/"
  cd "$folder"
  npm ci --no-audit --no-fund >&2
  cp package-lock.json installed.json
fi
cd "$folder" && pwd
