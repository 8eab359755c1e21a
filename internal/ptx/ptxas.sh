#!/bin/sh
# Assembles the committed PTX for the GPUs that we name, as their driver will, and
# fails if a kernel does not assemble, spills registers, uses local memory, or needs
# more than 64 registers for blocks of 1024 threads, as Gorgonia launches, and 128 for
# those of 256 threads: a multiprocessor holds one of the former and two of the latter.
#
# ptxas is NVIDIA's assembler. PTXAS names it; without it, and without one in PATH, it
# is taken out of Debian's package nvidia-cuda-toolkit (component non-free), about
# 80 MB to download, and kept in the user's cache; nothing is installed.
set -eu
cd "$(dirname "$0")"
targets=${TARGETS:-sm_50 sm_75 sm_80 sm_90}

# fetch takes ptxas out of the package and prints where it is.
fetch() {
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/ditac
	if [ ! -x "$cache/ptxas" ]; then
		work=$(mktemp -d)
		mkdir -p "$cache"
		fetch=$PWD/../../cuda/fetch.sh
		(
			cd "$work"
			"$fetch" nvidia-cuda-toolkit
			dpkg-deb -x nvidia-cuda-toolkit_*.deb toolkit
		) >"$cache/ptxas.log" 2>&1 && cp "$(find "$work/toolkit" -name ptxas -type f | head -n 1)" "$cache/ptxas" || {
			echo "ptxas.sh: cannot take ptxas out of Debian's package: see $cache/ptxas.log" >&2
		}
		rm -rf "$work"
	fi
	echo "$cache/ptxas"
}

ptxas=${PTXAS:-$(command -v ptxas || fetch)}
[ -x "$ptxas" ] || { echo "ptxas.sh: no ptxas: set PTXAS to one" >&2; exit 2; }

status=0
for ptx in *.ptx; do
	case $ptx in
	elementwise_*) limit=64 ;;
	*) limit=128 ;;
	esac
	for target in $targets; do
		report=$("$ptxas" -v --warn-on-spills --warn-on-local-memory-usage -arch="$target" -o /dev/null "$ptx" 2>&1) || {
			echo "$report" >&2
			echo "ptxas.sh: $ptx does not assemble for $target" >&2
			status=1
			continue
		}
		echo "$report" | awk -v ptx="$ptx" -v target="$target" -v limit="$limit" '
			/Compiling entry function/ { split($0, name, "\047"); kernels++ }
			/bytes stack frame/ {
				# "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"
				if ($1 + $5 + $9 > 0) { print "ptxas.sh: " ptx ", " target ": " name[2] ": " $0; bad = 1 }
			}
			/Used [0-9]+ registers/ {
				for (i = 1; i < NF; i++) if ($i == "Used") r = $(i + 1)
				if (r > most) { most = r; at = name[2] }
				if (r > limit) { print "ptxas.sh: " ptx ", " target ": " name[2] " needs " r " registers"; bad = 1 }
			}
			END {
				if (kernels == 0) { print "ptxas.sh: " ptx ", " target ": no kernels reported"; bad = 1 }
				printf "%s, %s: %d kernels, at most %d registers (%s)\n", ptx, target, kernels, most, at
				exit bad
			}' || status=1
	done
done
exit $status
