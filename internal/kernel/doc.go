// Package kernel evaluates a tabulated curve on float32 slices: the inner loops of
// a trainable activation.
//
// # The kernels
//
// A curve is a [Tab]: pieces with a polynomial each, and a coarse grid of bins by which an
// element finds its piece. Long slices use fine grids, made from the pieces, on which an
// element finds its interval without a search.
//
//	                 y (forward)     g·y′ (backward to x)    moments (backward to θ)
//	on pieces        Tab.Forward     Tab.BackwardX           Tab.Moments: Σ g·τ^j, j ≤ 5, per piece
//	on a fine grid   Lines.Forward   Lines.BackwardX         Quads.Moments: Σ g·s^j, j ≤ 3, per interval
//	                                                         Pour adds those of a block to float64 sums
//
// On pieces, a kernel finds the elements' bins, then their pieces, then evaluates; on a
// fine grid it finds the intervals with the places in them, then evaluates. What they
// cannot evaluate is the caller's: kernels on pieces report that there is something, as NaN
// (see [Tab.Forward]), those on fine grids name the elements in an [Odd], and the caller
// gives them to the pieces.
//
// [Forms] are curves of float64 numbers by closed forms instead of pieces: Forms.Find finds
// the forms of a block of elements, and Forward, BackwardX and Sums evaluate. Their
// polynomials of logarithms, exponentials and the normal distribution function are here, too.
// [Forms32] are the same for float32 numbers, in float32 arithmetic.
//
// # Implementations
//
// All implementations give the same bits. The specification is Go, in generic.go, fine.go,
// forms.go and forms32.go, and runs anywhere; its conversions keep the compiler from fusing
// multiplications and additions, as it does on arm64 and with GOAMD64=v3; forms fuse them
// where they say so, by math.FMA and fma32. For amd64 with AVX2, package gen (a module of its own)
// generates assembly, which does as many elements as fill vectors; the specification does
// the rest. The processor decides at first use, or the environment variable DITAC_KERNELS:
// portable or avx2 (another name gets a line on standard error). The build tag noasm leaves
// the assembly out.
//
// # Adding an instruction set
//
// A new architecture adds files and changes none. NEON, for example:
//
//   - kernel_arm64.s, with //go:build !noasm: the kernels, by hand or from a generator
//     beside gen. Multiplications and additions stay apart (FMUL and FADD, not FMLA), in the
//     specification's order.
//   - stubs_arm64.go, with the same tag: their declarations, as in stubs_amd64.go, each with
//     //go:noescape.
//   - arch_arm64.go, with the same tag: an init function that appends a path to paths, as
//     arch_amd64.go does. path.go says what its functions get. Of several for one
//     architecture, the fastest comes last.
//
// A second set for amd64 would be one more entry in arch_amd64.go and a generator of its
// own beside gen, which has what serves AVX2 only in registers.go and masks.go.
//
// TestPathsAgree then holds it against the specification, bit for bit: all lengths to 100,
// unaligned starts between guard words, special numbers, in place. TestPaths checks that no
// kernel is missing, TestOffsets the offsets of Tab's fields that assembly relies on (the
// same on all 64-bit machines). make test-arm64 runs them on an emulated processor.
package kernel

//go:generate go run -C gen . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel
