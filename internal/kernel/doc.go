// Package kernel evaluates a tabulated curve on float32 slices: the inner loops of
// a trainable activation.
//
// A curve is a [Tab]: pieces with a polynomial each, and a grid of bins by which an
// element finds its piece. [Forward], [BackwardX] and [Moments] have three
// implementations that give the same bits, each a [Path]: the Go code in generic.go and
// fine.go, which is the specification, and assembly for amd64 with AVX2 and with AVX-512,
// which package gen (a module of its own) generates. The processor decides at run time,
// or the environment variable DITAC_KERNELS: portable, avx2 or avx512 (another name gets a line on standard error). The build tag
// noasm leaves the assembly out. Where no processor has AVX-512, emulate/run.sh tests it on
// an emulated one.
//
// What a Tab cannot evaluate comes out as NaN and is reported: see [Forward].
package kernel

//go:generate go run -C gen . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel
