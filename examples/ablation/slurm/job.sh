#!/bin/sh
# The job array of a sweep, on any Slurm cluster: task k of n makes the k-th of n parts.
#
#	go build -o ablation ./examples/ablation
#	sbatch --array=1-4 examples/ablation/slurm/job.sh ./ablation -task csv -csv file.csv -out out/pilot
#
# Each finished run has its file in the folder -out, which all nodes have to see. What
# was killed is made by the same sbatch command again, or by Slurm, which requeues a job
# whose node fails; both make the missing runs only.
#SBATCH --job-name=ablation
#SBATCH --cpus-per-task=1
#SBATCH --requeue
set -eu
[ $# -ge 1 ] || { echo "job.sh: usage: sbatch --array=1-N job.sh PROGRAM FLAGS" >&2; exit 2; }
[ "${SLURM_ARRAY_TASK_MIN:-0}" = 1 ] || { echo "job.sh: want an array from 1: sbatch --array=1-N" >&2; exit 2; }
export GOMAXPROCS="${SLURM_CPUS_PER_TASK:-1}"
exec "$@" -quiet -workers "$GOMAXPROCS" -shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
