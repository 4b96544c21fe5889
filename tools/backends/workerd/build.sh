#!/usr/bin/env bash
# workerd, the runtime of Cloudflare Workers, 160 MB, for the end-to-end tests.
exec "$(dirname "$0")/../installPackages.sh" workerd
