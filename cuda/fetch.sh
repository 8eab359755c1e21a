#!/bin/sh
# Downloads a package of Debian's component non-free into the current folder, with an apt
# configuration of its own made from the configured Debian source. Nothing is installed,
# and the machine's configuration stays as it is.
#
#	fetch.sh PACKAGE
set -eu
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial"
sed 's/^Components:.*/Components: main contrib non-free/' /etc/apt/sources.list.d/debian.sources >"$state/debian.sources"
apt="-o Dir::Etc::sourcelist=$state/debian.sources -o Dir::Etc::sourceparts=- -o Dir::State::lists=$state/lists -o APT::Sandbox::User=root"
apt-get $apt update
apt-get $apt download "$1"
