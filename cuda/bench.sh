#!/bin/sh
# Runs a go command of the main module with -tags cuda on the bench, that is, with
# the stand-in for gorgonia.org/cu in folder fakecu, for which no GPU and no CUDA is
# needed:
#
#	cuda/bench.sh test ./...
#	cuda/bench.sh run ./examples/regression
#
# It writes cuda/fake.mod and cuda/fake.sum: go.mod with the replacement.
set -eu
cd "$(dirname "$0")/.."
cp go.mod cuda/fake.mod
cp go.sum cuda/fake.sum
go mod edit -replace=gorgonia.org/cu=./cuda/fakecu cuda/fake.mod
command=$1
shift
exec go "$command" -modfile=cuda/fake.mod -tags cuda "$@"
