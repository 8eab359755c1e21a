#!/bin/sh
# Puts faults into a copy of the code, one at a time, and says which test notices each:
#
#	faults.sh          all of them
#	faults.sh 3 7      the third and the seventh
#
# It needs clang-16 for the faults in kernels, whose PTX is made anew. The exit status is 1
# if a fault is not noticed, or is none as the code has changed.
set -eu
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy"
cd "$copy"
git init -q . && git add -A && git -c user.name=faults -c user.email=faults@localhost commit -qm faults
number=0
status=0

# fault FILE SUBSTITUTION PACKAGE TESTS WHAT applies perl's SUBSTITUTION to FILE and wants
# TESTS of PACKAGE to fail: on the bench for package ./cuda.
fault() {
	number=$((number + 1))
	case " $wanted " in
	"  " | *" $number "*) ;;
	*) return 0 ;;
	esac
	perl -0pi -e "$2" "$1"
	if git diff --quiet; then
		echo "$number	$5: NO SUCH CODE in $1"
		status=1
		return 0
	fi
	case $1 in *.cu | *.cuh) internal/ptx/build.sh ;; esac
	go="go"
	[ "$3" = ./cuda ] && go="cuda/bench.sh"
	if $go test "$3" -run "$4" >log 2>&1; then
		echo "$number	$5: NOT NOTICED by $4"
		status=1
	elif grep -q -e '^--- FAIL' -e '^panic:' log; then
		echo "$number	$5: $(sed -n 's/^ *--- FAIL: \([^ ]*\).*/\1/p' log | head -n 1)"
	else
		echo "$number	$5: DOES NOT COMPILE"
		head -n 5 log
		status=1
	fi
	git checkout -q .
}
wanted=$*

ptx=internal/ptx
fault $ptx/ditac.cu 's/aligned\(dst\) && aligned\(x\)/aligned(dst)/' ./$ptx TestDiTACUnaligned 'vectors of an x that is not aligned'
fault $ptx/ditac.cu 's/ && \(!Op::hasGradient \|\| aligned\(g\)\)//' ./$ptx TestDiTACUnaligned 'vectors of a gradient that is not aligned'
fault $ptx/ditac.cu 's/length % 4 == 0/length > 0/' ./$ptx TestDiTACElementwise 'vectors across groups'
fault $ptx/elements.cuh 's/\(long long\)group \* length \+ e/group * length + e/' ./$ptx TestLargeDiTAC 'places of elements in 32 bits'
fault $ptx/elementwise_unary.cu 's/\(long long\)BLOCK_X/BLOCK_X/' ./$ptx TestLargeElementwise 'indexes of elements in 32 bits'
fault $ptx/elementwise_unary.cu 's/if \(i >= n\)/if (i > n)/' ./$ptx 'TestLargeElementwise|TestUnary' 'one thread too many'
fault $ptx/ditac.cu 's/(gradientOf\[THREAD_X\] = up;\n) *BARRIER\(\);/$1/' ./$ptx TestDiTACMoments 'no barrier between writing and reading shared memory'
fault $ptx/ditac.cu 's/BARRIER\(\);  \/\/ the starts are there[^\n]*//' ./$ptx TestDiTACMoments 'no barrier before shared memory is written again'
fault $ptx/ditac.cu 's/e < total; e \+= part_\.step/e < total; e++/' ./$ptx TestDiTACUnaligned 'all threads compute all elements'
fault $ptx/ditac.cu 's/group \* \(int\)parts \+ which\)/group * (int)parts)/' ./$ptx TestDiTACMoments 'blocks write their sums to one place'
fault $ptx/ditac.cu 's/4 \* p\[4\]/3 * p[4]/' ./$ptx TestDiTACUnaligned 'a wrong factor in the derivative'
fault $ptx/elements.cuh 's/starts\[k \+ step\] <= x/starts[k + step] < x/' ./$ptx 'TestDiTACUnaligned|TestDiTACElementwise' 'elements at the start of a piece go to the piece before'
fault $ptx/ditac.cu 's/done = total \/ 4 \* 4/done = total/' ./$ptx TestDiTACUnaligned 'elements behind the last vector are left out'
fault cuda/session.go 's/if err := cu\.SetCurrentContext\(s\.engine\.Context\(\)\.CUDAContext\(\)\); err != nil/if err := error(nil); err != nil/' ./cuda TestSessionContext 'a session without the context of its machine'
fault cuda/finish_cuda.go 's/if err := cu\.SetCurrentContext\(e\.Context\(\)\.CUDAContext\(\)\); err != nil/if err := error(nil); err != nil/' ./cuda 'TestTraining$|TestClose' 'cuBLAS without the context of its machine'
fault cuda/finish_cuda.go 's/\n\t\tendCollector\(&engines\[i\]\)//' ./cuda TestCloseLeavesNothing 'a goroutine that outlives Close'
fault cuda/scratch.go 's/(	)if err := cu\.MemFree\(b\.at\); err != nil/$1if err := error(nil); err != nil/' ./cuda 'TestScratch' 'scratch memory that is not freed when it grows'
fault cuda/register.go 's/\ttensor\.DontUsePool\(\)\n/\t_ = tensor.DontUsePool\n/' ./cuda TestTensorsAfterFailedStep 'the pool of tensors'
fault ditacop/device_cuda.go 's/; !t\.Fits\(\) \{/; false {/g' ./cuda TestDiTACManyCells 'more shared memory than a block has'
fault cuda/scratch.go 's/b\.version == version/b.version != 0/' ./cuda 'TestResident' 'curves of an old θ'
fault internal/gop/device_cuda.go 's/return Upload\(s, out, result\)/return nil/' ./cuda TestOpDevice 'a result of the CPU that stays there'
fault internal/gpu/tables.go 's/"moments result"/"moments"/' ./cuda TestDiTACParts 'sums and their result in one place'
fault $ptx/conv.cu 's/row < c\.height/row <= c.height/' ./cuda TestConvolutionOnGPU 'a row below the image seen by a convolution'
fault $ptx/conv.cu 's/if \(a >= c\.outHeight\) continue;//' ./cuda TestConvolutionOnGPU 'sums over places below the result'
fault $ptx/conv.cu 's/bias\[filter\]/bias[image]/' ./cuda TestConvolutionOnGPU 'the bias of another filter'
fault $ptx/conv.cu 's/k = 1; k < parts/k = 2; k < parts/' ./cuda TestConvolutionOnGPU 'a part of the images left out of the sum'
fault internal/gpu/conv.go 's/sums, p\.index\*size/sums, 0*p.index*size/' ./cuda TestConvolutionOnGPU 'gradients of all parts in one place'
fault $ptx/each.cuh 's/BARRIER\(\);\n    if/if/' ./cuda TestConvolutionOnGPU 'no barrier within a sum of a block'
exit $status
