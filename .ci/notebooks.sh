#!/bin/sh
# Tests the notebooks' kernel and executes the notebooks with small trainings. Exit status 2:
# Jupyter, or the data of the notebooks, cannot be had here.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
if ! jupyter nbconvert --version >/dev/null 2>&1; then
	{ apt-get update -q && apt-get install -qy --no-install-recommends jupyter-nbconvert jupyter-client python3-ipykernel; } >/dev/null 2>&1 || exit 2
fi
"$go" run ./models/datasets/cmd/datasets mnist emoji || exit 2
(cd examples/notebooks/kernel && "$go" vet ./nb ./mkkernel && "$go" test ./nb ./mkkernel)
DITAC_NOTEBOOKS=small make notebooks
