#!/usr/bin/env bash
# Next.js, 370 MB, for the end-to-end tests.
exec "$(dirname "$0")/../installPackages.sh" next
