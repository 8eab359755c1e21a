#!/bin/sh
# Shows a sweep on Slurm, on this machine, and checks it: a job array makes the parts of
# a small pilot, one of them is killed, the same command makes what is missing, and the
# merged scores are those of the same pilot without parts. Needs what cluster.sh needs.
#
#	examples/ablation/slurm/demo.sh
set -eu
cd "$(dirname "$0")/../../.."
slurm=examples/ablation/slurm
fail() { echo "demo.sh: $*" >&2; exit 1; }

work=$(mktemp -d)
chmod 711 "$work" # munge wants its socket to be within reach of all
cluster=$work/cluster
export SLURM_CONF="$cluster/slurm.conf"
cleanup() { $slurm/cluster.sh stop "$cluster"; }
trap cleanup EXIT
trap 'exit 130' INT TERM
mkdir "$cluster"
go build -o "$work/ablation" ./examples/ablation
flags="-task csv -csv models/datasets/files/seattle-weather.csv.gz -drop date -target weather"
flags="$flags -seeds 1-4 -lr 0.003,0.01 -steps 3000"

# await waits until no job is left.
await() {
	while [ -n "$(squeue -h)" ]; do sleep 1; done
}
# submit submits the array and prints its number.
submit() { sbatch --parsable --array=1-4 --output="$work/part-%a.log" $slurm/job.sh "$work/ablation" $flags -out "$work/array"; }
finished() { find "$work/array/runs" -name '*.json' 2>/dev/null | wc -l; }

echo "== the cluster"
$slurm/cluster.sh start "$cluster"
sinfo

echo "== a job array of four parts, the first of which is killed on the way"
job=$(submit)
while [ "$(finished)" -lt 1 ]; do sleep 0.2; done
squeue
killed=$(pgrep -f "^$work/ablation .*-shard 1/4" | head -n 1) || fail "part 1 was over before it could be killed"
kill -KILL "$killed"
await
for k in 1 2 3 4; do
	echo "part $k: $(scontrol -o show job "${job}_$k" | grep -o 'JobState=[A-Z]*')"
done
cat "$work"/part-*.log
echo "$(finished) of 24 runs are done"
[ "$(finished)" -lt 24 ] || fail "no run is missing, though part 1 was killed"

echo "== the same command again"
before=$(date +%s)
job=$(submit)
await
cat "$work"/part-*.log
echo "$(finished) of 24 runs are done; those that were, were not made again:" \
	"$(find "$work/array/runs" -name '*.json' ! -newermt "@$before" | wc -l) older files"

echo "== merged"
"$work/ablation" $flags -merge -out "$work/array"

echo "== the same pilot without parts"
"$work/ablation" $flags -quiet -out "$work/whole" >/dev/null
scores() { cut -d, -f1-5 "$1/scores.csv"; } # without the seconds
scores "$work/array" >"$work/array.scores"
scores "$work/whole" >"$work/whole.scores"
cmp "$work/array.scores" "$work/whole.scores" || fail "other scores"
echo "equal scores, all $(($(wc -l <"$work/whole.scores") - 1)) of them"
cleanup
trap - EXIT
rm -r "$work"
