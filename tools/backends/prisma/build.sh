#!/usr/bin/env bash
# Installs Prisma, apart from the project since it brings 300 MB along, and generates the client of the end-to-end tests. Does
# nothing if that has been done, and prints the folder.
set -euo pipefail
cd "$(dirname "$0")"

folder=$PWD/../../../.cache/backends/prisma
if ! cmp --silent schema.prisma "$folder/generated/of.prisma" || ! cmp --silent package-lock.json "$folder/package-lock.json"; then
  mkdir -p "$folder"
  cp package.json package-lock.json prisma.config.mjs schema.prisma "$folder/"
  cd "$folder"
  npm ci --no-audit --no-fund >&2
  # The schema engine would be downloaded otherwise. Only migrations need it.
  PRISMA_SCHEMA_ENGINE_BINARY=$(type -P true) npx prisma generate >&2
  cp schema.prisma generated/of.prisma
fi
cd "$folder" && pwd
