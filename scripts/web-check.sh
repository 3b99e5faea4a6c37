#!/usr/bin/env bash
# Fails when the committed build of the page differs from a build of its source.
set -euo pipefail
cd "$(dirname "$0")/.."

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
(cd web && npx --no-install vite build --logLevel error --outDir "$built/dist" --emptyOutDir)
if ! diff -r server/web/dist "$built/dist" >"$built/differences"; then
	head -n 20 "$built/differences" | cut -c1-200
	echo "server/web/dist is not the build of web/: run make web and commit the result" >&2
	exit 1
fi
