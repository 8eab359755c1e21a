#!/bin/sh
# Executes the notebooks in a fresh copy, out/notebooks, and fails when a cell fails.
#
#   examples/notebooks/run.sh [-update] [name.ipynb ...]
#
# -update puts the executed ones in the place of the committed ones. With DITAC_NOTEBOOKS=small
# trainings are small, as for tests. JUPYTER is the command jupyter.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
jupyter=${JUPYTER:-jupyter}
out=$root/out/notebooks
update=
if [ "${1:-}" = -update ]; then update=1; shift; fi
if [ $# = 0 ]; then set -- "$here"/*.ipynb; fi
mkdir -p "$out"
for n; do
	name=$(basename "$n")
	rm -rf "$out/$name.d"
	mkdir "$out/$name.d"
	cp "$here/$name" "$out/$name.d/"
	start=$(date +%s)
	JUPYTER_PATH="$here/kernel/bin/jupyter" "$jupyter" nbconvert --log-level WARN --to notebook --execute --inplace \
		--ExecutePreprocessor.timeout=-1 --ExecutePreprocessor.record_timing=False "$out/$name.d/$name" || { echo "$name failed"; exit 1; }
	echo "$name: $(($(date +%s) - start)) s"
	if [ -n "$update" ]; then cp "$out/$name.d/$name" "$here/$name"; fi
done
