#!/usr/bin/env bash
# Bun and Deno, 300 MB, for the end-to-end tests.
exec "$(dirname "$0")/../installPackages.sh" runtimes
