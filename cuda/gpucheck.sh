#!/bin/sh
# Checks this machine's GPU and prints a report (cuda/gpucheck), after looking for what
# the cuda build needs: its absence would be an error of the C compiler or of the start
# of the program that names none of it. Arguments go to the program.
set -eu
cd "$(dirname "$0")/.."

status=0
missing() {
	echo "gpu-check: $*" >&2
	status=2
}

command -v "${CC:-cc}" >/dev/null || missing "no C compiler: install gcc"

# header NAME WHERE reports a header that the C compiler does not find where
# gorgonia.org/cu looks, or where CGO_CFLAGS says.
header() {
	printf '#include <%s>\n' "$1" |
		"${CC:-cc}" ${CGO_CFLAGS:-} -I/usr/local/cuda/include -E -x c - >/dev/null 2>&1 ||
		missing "no $1: $2"
}
if [ "$status" = 0 ]; then
	header cuda.h "install the CUDA toolkit, 11.8 or 12.x (CUDA 13 does not work), to /usr/local/cuda, or name its headers by CGO_CFLAGS=-I… and its libraries by CGO_LDFLAGS=-L…"
	header cublas_v2.h "it comes with the CUDA toolkit (cuBLAS)"
	header cudnn.h "install cuDNN 8 with its headers (cuDNN 9 does not work)"
fi
[ -e /dev/nvidiactl ] || [ -e /dev/dxg ] || missing "no NVIDIA driver: nvidia-smi must list the GPU"
[ "$status" = 0 ] || { echo "gpu-check: docs/cuda.md says more" >&2; exit "$status"; }

go=${GO:-go}
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
"$go" build -tags cuda -o "$program/gpucheck" ./cuda/gpucheck
"$program/gpucheck" "$@" || status=1

echo
echo "the same steps on the CPU, in a build without the tag:"
"$go" run ./cuda/gpucheck -section steps || status=1

# NVIDIA's tool for accesses out of bounds, races and reads of what was not written.
if command -v compute-sanitizer >/dev/null; then
	for tool in memcheck racecheck initcheck; do
		echo
		echo "compute-sanitizer --tool $tool:"
		compute-sanitizer --tool $tool --error-exitcode 1 "$program/gpucheck" -section shapes -largest 65536 || status=1
	done
else
	echo "compute-sanitizer is not in PATH (it comes with the CUDA toolkit): not run"
fi
exit "$status"
