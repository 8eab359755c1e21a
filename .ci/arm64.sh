#!/bin/sh
# Tests the packages whose bits matter on arm64, by qemu's emulation of a processor: its
# compiler fuses multiplications and additions where the code does not forbid it. Emulation
# is some twenty times as slow, so that the tests are the short ones.
#
# qemu-user is installed from Debian if it is missing, for which this takes root. Exit
# status 2 says that it cannot be had.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# emulator prints the name of the program that is there.
emulator() { command -v qemu-aarch64 || command -v qemu-aarch64-static; }

# install installs one of the packages that have it.
install() {
	apt-get install -qy --no-install-recommends qemu-user || apt-get install -qy --no-install-recommends qemu-user-static
}
if ! qemu=$(emulator); then
	{ install || { apt-get update -q && install; }; } >"$work/install.log" 2>&1 || {
		cat "$work/install.log" >&2
		echo "arm64.sh: qemu-user cannot be installed" >&2
		exit 2
	}
	qemu=$(emulator)
fi

# arm64 runs the tests of a package, of which those named by skip take minutes.
arm64() {
	package=$1
	skip=${2:-^\$}
	CGO_ENABLED=0 GOARCH=arm64 "$go" test -c -o "$work/test" "$package"
	(cd "$package" && "$qemu" "$work/test" -test.short -test.skip "$skip")
	echo "ok on arm64: $package"
}

arm64 ./internal/kernel
arm64 ./internal/flow
arm64 ./internal/table '^(TestBins|TestJumps|TestWideNarrow|TestGrid|TestTableError|TestFarDomains|TestFarOff|TestLargeGradients|TestExtremes|TestManyCells)$'
arm64 ./cpab TestOrthonormal
arm64 ./cpab/curve
arm64 ./ditacop
