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
fault $ptx/ditac.cu 's/length % size == 0/length > 0/' ./$ptx TestDiTACElementwise 'vectors across groups'
fault $ptx/elements.cuh 's/\(long long\)group \* length \+ e/group * length + e/' ./$ptx TestLargeDiTAC 'places of elements in 32 bits'
fault $ptx/elementwise_unary.cu 's/\(long long\)BLOCK_X/BLOCK_X/' ./$ptx TestLargeElementwise 'indexes of elements in 32 bits'
fault $ptx/elementwise_unary.cu 's/if \(i >= n\)/if (i > n)/' ./$ptx 'TestLargeElementwise|TestUnary' 'one thread too many'
fault $ptx/ditac.cu 's/(partOf\[THREAD_X\] = part;\n) *BARRIER\(\);/$1/' ./$ptx TestDiTACMoments 'no barrier between writing and reading shared memory'
fault $ptx/ditac.cu 's/BARRIER\(\);  \/\/ the tree is there[^\n]*//' ./$ptx TestDiTACMoments 'no barrier before shared memory is written again'
fault $ptx/ditac.cu 's/e < total; e \+= part_\.step/e < total; e++/' ./$ptx TestDiTACUnaligned 'all threads compute all elements'
fault $ptx/ditac.cu 's/\(group \* shares \+ share\)/(group * shares)/' ./$ptx TestDiTACMoments 'blocks write their sums to one place'
fault $ptx/ditac.cu 's/rise \* growth \/ \(1 \+ z\)/rise * growth/' ./$ptx TestDiTACUnaligned 'a wrong factor in the derivative'
fault $ptx/elements.cuh 's/tree\[part\[j\]\] <= x/tree[part[j]] < x/' ./$ptx TestDiTACElementwise 'elements at the start of a part go to the part before'
fault $ptx/ditac.cu 's/done = total \/ size \* size/done = total/' ./$ptx TestDiTACUnaligned 'elements behind the last vector are left out'
fault $ptx/ditac.cu 's/THREAD_X \/ owners \* owners;/0;/' ./$ptx TestDiTACMoments 'all threads of a part look at the same elements'
fault $ptx/ditac.cu 's/k < shares; k \+= tile \/ columns/k < shares; k++/' ./$ptx TestDiTACMoments 'shares added several times'
fault $ptx/curves.cu 's/seen\[k\] != theta\[k\]/seen[k] != seen[k]/' ./$ptx TestCurvesOnce 'curves of an old θ'
fault $ptx/curves.cu 's/  theta \+= \(long long\)group \* dim;\n//' ./$ptx TestCurvesOnce 'the first θ for all groups'
fault $ptx/curves.cu 's/(setSegments\(f\);\n)  BARRIER\(\);/$1/' ./$ptx TestCurves 'no barrier between the steps from θ to its curve'
fault $ptx/curves.cu 's/fault == none \? theta\[k\] : Real<T>::nan/theta[k]/' ./$ptx TestCurvesOnce 'a wrong θ that is reported once'
fault $ptx/curves.cu 's/f\.last\[k\] < f\.cells, beyond/f.last[k] < -9, beyond/' ./$ptx TestSteepZero 'the end of the domain beyond it'
fault $ptx/field.cuh 's/t\.first != t\.last && sameSign\(t\.v, t\.exit\)/t.first != t.last/' ./$ptx TestSteepZero 'no segment for a steep zero'
fault $ptx/curves.cu 's/\*f\.alpha \* gradientOf/gradientOf/' ./$ptx TestDiTACMoments 'the gradient to θ without the amplification'
fault cuda/session.go 's/if err := cu\.SetCurrentContext\(s\.engine\.Context\(\)\.CUDAContext\(\)\); err != nil/if err := error(nil); err != nil/' ./cuda TestSessionContext 'a session without the context of its machine'
fault cuda/finish_cuda.go 's/if err := cu\.SetCurrentContext\(e\.Context\(\)\.CUDAContext\(\)\); err != nil/if err := error(nil); err != nil/' ./cuda 'TestTraining$|TestClose' 'cuBLAS without the context of its machine'
fault cuda/finish_cuda.go 's/\n\t\tendCollector\(&engines\[i\]\)//' ./cuda TestCloseLeavesNothing 'a goroutine that outlives Close'
fault cuda/scratch.go 's/(	)if err := cu\.MemFree\(b\.at\); err != nil/$1if err := error(nil); err != nil/' ./cuda 'TestScratch' 'scratch memory that is not freed when it grows'
fault cuda/register.go 's/\ttensor\.DontUsePool\(\)\n/\t_ = tensor.DontUsePool\n/' ./cuda TestTensorsAfterFailedStep 'the pool of tensors'
fault $ptx/curves.go 's/shared > MaxShared/shared < 0/' ./cuda TestDiTACManyCells 'more shared memory than a block has'
fault cuda/scratch.go 's/b\.version == version/b.version != 0/' ./cuda 'TestResident' 'constants of an old version'
fault internal/gop/device_cuda.go 's/return Upload\(s, out, result\)/return nil/' ./cuda TestOpDevice 'a result of the CPU that stays there'
fault $ptx/conv.cu 's/row < c\.height/row <= c.height/' ./cuda TestConvolutionOnGPU 'a row below the image seen by a convolution'
fault $ptx/conv.cu 's/if \(a >= c\.outHeight\) continue;//' ./cuda TestConvolutionOnGPU 'sums over places below the result'
fault $ptx/conv.cu 's/bias\[filter\]/bias[image]/' ./cuda TestConvolutionOnGPU 'the bias of another filter'
fault $ptx/conv.cu 's/k = 1; k < parts/k = 2; k < parts/' ./cuda TestConvolutionOnGPU 'a part of the images left out of the sum'
fault internal/gpu/conv.go 's/sums, p\.index\*size/sums, 0*p.index*size/' ./cuda TestConvolutionOnGPU 'gradients of all parts in one place'
fault $ptx/each.cuh 's/BARRIER\(\);\n    if/if/' ./cuda TestConvolutionOnGPU 'no barrier within a sum of a block'
fault $ptx/each.cuh 's/  BARRIER\(\);  \/\/ a sum before[^\n]*\n//' ./cuda TestBatchNormOnGPU 'a sum that is read while the next is made'
fault $ptx/sums.cu 's/parts\[BLOCK_X\]/parts[0]/' ./cuda TestMSEOnGPU 'sums of all blocks in one place'
fault $ptx/losses.cu 's/if \(k == label\) slope \+= own;//' ./cuda TestDiceOnGPU 'the slope of a class left out'
fault $ptx/losses.cu 's/t >= 0 && t <= 1 \? \(z/true ? (z/' ./cuda TestWrongLabelsOnGPU 'a target that is no probability'
fault $ptx/images.cu 's/width \/ factor;/width;/' ./cuda TestUpsamplingOnGPU 'lines of another image'
fault $ptx/images.cu 's/whole \+ from/whole + 0 * from/' ./cuda TestUNetOnGPU 'channels of the other part'
fault $ptx/norm.cu 's/v \* s\.total \/ \(s\.total - 1\.0\)/v/' ./cuda TestBatchNormOnGPU 'a running variance with n in the denominator'
fault $ptx/norm.cu 's/slope \* mu - factor \* plain \/ s\.total/slope * mu/' ./cuda TestBatchNormOnGPU 'the mean of the gradient left out'
fault $ptx/dropout.cu 's/k \+ \(unsigned long long\)i/k ^ (unsigned long long)i/' ./cuda TestDropoutOnGPU 'another mask'
fault $ptx/layers.cu 's/return times\(x \* x, d\)/return times(x, d)/' ./cuda TestTrainedFunctionsOnGPU 'a wrong factor in the derivative to a parameter'
fault cuda/state.go 's/\n\t\tfrom = st\.at//' ./cuda TestOpState 'a state that another operation has changed'
fault cuda/state.go 's/return values\.Store\(v, x\)/return nil/' ./cuda TestOpState 'a state that is not kept'
fault internal/gpu/curves.go 's/"sums of all shares"/"sums"/' ./cuda TestDiTACParts 'sums and their result in one place'
fault cuda/watch.go 's/if err := cu\.Synchronize\(\); err != nil/if err := error(nil); err != nil/' ./cuda TestDiTACErrorUnread 'words of kernels read before these have run'
fault cuda/watch.go 's/\t\t\t\tclear\(w\.words\)\n//' ./cuda TestDiTACErrorUnread 'what was wrong once is an error of all runs behind'
exit $status
