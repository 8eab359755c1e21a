#!/bin/sh
# Runs a go command of the main module with -tags cuda on the bench, that is, with
# the stand-in for gorgonia.org/cu in folder fakecu, for which no GPU and no CUDA is
# needed:
#
#	cuda/bench.sh test ./...
#	cuda/bench.sh run ./examples/regression
#
# It writes cuda/fake.mod and cuda/fake.sum: go.mod with the replacement. A second one is
# of Gorgonia itself: a copy in the user's cache, of which one file is changed, the arena's.
# Memory that goes back to the arena is poisoned, as the stand-in cannot see it otherwise.
set -eu
cd "$(dirname "$0")/.."
cp go.mod cuda/fake.mod
cp go.sum cuda/fake.sum
go mod edit -replace=gorgonia.org/cu=./cuda/fakecu cuda/fake.mod

original=$(go list -m -f '{{.Dir}}' gorgonia.org/gorgonia)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ditac
copy=$cache/bench-$(cksum <cuda/bench.sh | cut -d ' ' -f 1)-$(basename "$original")
if [ ! -d "$copy" ]; then
	mkdir -p "$cache"
	making=$(mktemp -d "$cache/making.XXXXXX")
	cp -r "$original/." "$making"
	chmod -R u+w "$making"
	sed 's/^\(.*\)e\.a\.free(\(.*\))$/\1e.release(\2)\
&/' "$original/cuda/arena.go" >"$making/cuda/arena.go"
	cat >>"$making/cuda/arena.go" <<'end'

// release says that memory is about to go back to the arena.
func (e *Engine) release(addr uintptr) {
	if size, ok := e.a.used[addr-e.a.start]; ok {
		e.c.Release(cu.DevicePtr(addr), size)
	}
}
end
	mv -T "$making" "$copy" 2>/dev/null || rm -rf "$making" # another run was faster
fi
go mod edit -replace=gorgonia.org/gorgonia="$copy" cuda/fake.mod
command=$1
shift
exec go "$command" -modfile=cuda/fake.mod -tags cuda "$@"
