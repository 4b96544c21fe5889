#!/usr/bin/env bash
# Installs the packages that the lock file in a folder beside this one names, for the end-to-end tests, and prints where. They are too
# large to be installed with the project. Does nothing if that has been done.
set -euo pipefail
cd "$(dirname "$0")/$1"

folder=$PWD/../../../.cache/backends/$1
if ! cmp --silent package-lock.json "$folder/installed.json"; then
  mkdir -p "$folder"
  cp package.json package-lock.json "$folder/"
  cd "$folder"
  npm ci --no-audit --no-fund >&2
  cp package-lock.json installed.json
fi
cd "$folder" && pwd
