#!/bin/sh
# Compiles the kernels to PTX with clang, without NVIDIA's tools:
#
#	build.sh          writes the .ptx files beside the sources
#	build.sh -check   fails if the .ptx files are not what the sources give
#
# The PTX is for compute capability 5.0; drivers compile it for that and all later
# GPUs. CLANG names the compiler; another version gives other text, so it is an error
# unless ANY_CLANG is set.
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-clang-16}
command -v "$clang" >/dev/null || { echo "build.sh: no $clang: apt-get install clang-16" >&2; exit 2; }
case $("$clang" --version | head -n 1) in
*" 16."*) ;;
*) [ -n "${ANY_CLANG:-}" ] || { echo "build.sh: $clang is not version 16" >&2; exit 2; } ;;
esac

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
status=0
for source in *.cu; do
	ptx=${source%.cu}.ptx
	"$clang" -x cuda --cuda-device-only --cuda-path=/nonexistent -nocudainc -nocudalib \
		--cuda-gpu-arch=sm_50 -std=c++17 -O3 -ffp-contract=off -Wall -Wextra -Werror \
		-S -o "$out/$ptx" "$source"
	if [ "${1:-}" = -check ]; then
		cmp -s "$out/$ptx" "$ptx" || { echo "build.sh: $ptx is not what $source gives: run build.sh" >&2; status=1; }
	else
		cp "$out/$ptx" "$ptx"
	fi
done
exit $status
