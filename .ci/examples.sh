#!/bin/sh
# Runs every example for a few steps, on small data that are shipped or made up, so
# without a network: files appear, and the same command again makes no run.
set -eu
cd "$(dirname "$0")/.."
out=out/smoke
rm -rf "$out"
mkdir -p "$out/bin"

${GO:-go} build -o "$out/bin/" ./examples/... ./examples/internal/smalldata/write
"$out/bin/write" "$out/data"

fail() { echo "examples.sh: $*" >&2; exit 1; }

# example runs one, with the folder of its results, twice, and looks after the files.
example() {
	name=$1 folder=$out/$2
	shift 2
	printf '\n-- %s %s\n' "$name" "$*"
	"$out/bin/$name" "$@" -quiet -out "$folder"
	touch "$out/first"
	"$out/bin/$name" "$@" -quiet -out "$folder" >/dev/null
	[ -z "$(find "$folder" -path '*/runs/*' -newer "$out/first")" ] || fail "$name makes a run again that is done"
	for file in scores.csv table.md scores.png; do
		[ -n "$(find "$folder" -name "$file" -size +0)" ] || fail "$name writes no $file"
	done
}

example regression regression -steps 300 -seeds 1-2 -activations relu,prelu,ditac,tuned
example imagefit imagefit -steps 100 -seeds 1 -lr 0.005 -size 32 -hold 0.25
example maps maps -map co2,temperature -steps 100 -seeds 1 -lr 0.005 -activations relu,ditac,sine3,relu+fourier3
example tabular tabular -dataset wine,diabetes -steps 100 -seeds 1-2 -lr 0.003
example mnist mnist -data "$out/data/digits" -epochs 1 -batch 8 -seeds 1 -lr 0.003
example segmentation segmentation -emoji "$out/data/pictures" -steps 30 -seeds 1 -lr 0.01 -size 16 -batch 8 -width 4 -depth 1 -test 32
example generation generation -data "$out/data/pictures" -steps 20 -seeds 1 -lr 0.001 -activations relu,ditac -size 16 -samples 65 -images 100 -judge-steps 30 -batch 8 -width 4

# A pilot on a table, in one part and in two that are merged: with the same scores.
pilot="-task csv -csv models/datasets/files/seattle-weather.csv.gz -times date -target weather -steps 100 -seeds 1-2 -lr 0.003,0.01"
example ablation ablation $pilot
for k in 1 2; do
	"$out/bin/ablation" $pilot -quiet -shard $k/2 -out "$out/part$k"
done
"$out/bin/ablation" $pilot -merge -out "$out/merged" "$out/part1" "$out/part2" >/dev/null
for folder in ablation merged; do
	cut -d, -f1-5 "$out/$folder/scores.csv" >"$out/$folder.scores" # without the seconds
done
cmp "$out/ablation.scores" "$out/merged.scores" || fail "the scores of two parts differ from those of the whole"

printf '\n-- dashboard\n'
"$out/bin/dashboard" -steps 100 -wait=false -addr 127.0.0.1:0 -out "$out/dashboard"
for name in relu ditac; do
	[ -s "$out/dashboard/$name.log.json" ] || fail "dashboard writes no log of $name"
done

printf '\n-- speed\n'
"$out/bin/speed" -rounds 1 -time 1ms -large=false -out "$out/speed"
