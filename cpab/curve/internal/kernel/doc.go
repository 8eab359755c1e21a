// Package kernel evaluates a tabulated curve on float32 slices: the inner loops of
// a trainable activation.
//
// A curve is a [Tab]: pieces with a polynomial each, and a grid of bins by which an
// element finds its piece. [Forward], [BackwardX] and [Moments] have two
// implementations that give the same bits: the Go code in generic.go, which is the
// specification, and assembly for amd64 with AVX2, which package gen (a module of
// its own) generates. The build tag noasm leaves the assembly out, and so does the
// environment variable DITAC_NOASM=1 at run time.
//
// What a Tab cannot evaluate comes out as NaN and is reported: see [Forward].
package kernel

//go:generate go run -C gen . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel
