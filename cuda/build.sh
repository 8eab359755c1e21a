#!/bin/sh
# Compiles and links everything of the main module with -tags cuda against the real
# gorgonia.org/cu and CUDA's headers, on a machine without a GPU. The programs cannot
# run here: this shows that they build on a user's machine.
#
# Two things are not NVIDIA's:
#
#	cuDNN, of which Gorgonia's core only makes a context, and whose headers no
#	package brings: the three names are those of fakecu/dnn;
#	the libraries: empty ones, as the linker need not find their functions.
#
# CUDA_INCLUDE names the folder of the headers. Without it they are taken out of
# Debian's package nvidia-cuda-dev (component non-free), 774 MB to download, and kept in
# the user's cache; nothing is installed. The exit status is 2 if they cannot be had.
set -eu
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ditac

# fetch takes the headers out of the package and prints where they are.
fetch() {
	if [ ! -f "$cache/include/cuda.h" ]; then
		work=$(mktemp -d)
		mkdir -p "$cache"
		fetch=$PWD/cuda/fetch.sh
		(
			cd "$work"
			"$fetch" nvidia-cuda-dev
			dpkg-deb --fsys-tarfile nvidia-cuda-dev_*.deb | tar -x ./usr/include
		) >"$cache/include.log" 2>&1 && rm -rf "$cache/include" && mv "$work/usr/include" "$cache/include" || {
			echo "cuda/build.sh: cannot take CUDA's headers out of Debian's package: see $cache/include.log" >&2
		}
		rm -rf "$work"
	fi
	echo "$cache/include"
}

include=${CUDA_INCLUDE:-$(fetch)}
[ -f "$include/cuda.h" ] || { echo "cuda/build.sh: no cuda.h in $include: set CUDA_INCLUDE" >&2; exit 2; }

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for library in cuda cublas cudnn; do
	"${CC:-cc}" -shared -o "$out/lib$library.so" -x c /dev/null
done

# cu as it is, but for dnn.
cp -r "$(go list -m -f '{{.Dir}}' gorgonia.org/cu)" "$out/cu"
chmod -R u+w "$out/cu"
rm -r "$out"/cu/dnn/*
cp cuda/fakecu/dnn/dnn.go "$out/cu/dnn/"
cp go.mod "$out/go.mod"
cp go.sum "$out/go.sum"
go mod edit -replace=gorgonia.org/cu="$out/cu" "$out/go.mod"

export CGO_ENABLED=1 CGO_CFLAGS="-I$include -O1" CGO_LDFLAGS="-L$out -Wl,--unresolved-symbols=ignore-all"
mkdir "$out/bin"
flags="-modfile=$out/go.mod -mod=mod -tags=cuda"
go vet $flags ./...
go build $flags -o "$out/bin/" ./...
for package in ./cuda ./ditacop ./models; do
	go test -c $flags -o "$out/bin/" "$package"
done
ls "$out/bin" | sed 's/^/linked /'
