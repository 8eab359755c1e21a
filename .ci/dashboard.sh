#!/bin/sh
# Tests the dashboard in a headless Chromium, which it installs if it can; its exit status is 2
# if there is none. The argument is a folder for pictures of the page.
set -eu
cd "$(dirname "$0")/.."

browser() { command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome; }
browser >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium; } >/dev/null 2>&1 || true
browser >/dev/null || exit 2

shots=
[ -z "${1-}" ] || shots=$(mkdir -p "$1" && cd "$1" && pwd)
cd models/train/dashboard/testdata/browser
${GO:-go} mod download 2>/dev/null || exit 2
${GO:-go} vet .
${GO:-go} test -count=1 . -shots "$shots"
