package table

import "github.com/ditac-go/ditac/internal/kernel"

// Evaluator is a curve at one θ that works on slices. x, dst and g have equal
// lengths; dst may be x or g itself. Implementations may be used by several
// goroutines at once, and spread long slices over GOMAXPROCS of them.
//
// To the backward methods, an element is lost whose x is NaN or whose upstream
// gradient g is NaN or infinite. All implementations, those for GPUs among them,
// follow one rule that does not depend on how y′ and ∂y/∂θ are rounded, nor on
// whether θ has a say at x: what a lost element has a part in is NaN. An infinite
// g is no better than a NaN, because its product with what may be 0 is.
type Evaluator interface {
	// Dim returns the number of parameters θ.
	Dim() int
	// Forward sets dst[i] = y(x[i]).
	Forward32(dst, x []float32)
	Forward64(dst, x []float64)
	// BackwardX sets dst[i] = g[i]·y′(x[i]), NaN for an element that is lost.
	BackwardX32(dst, x, g []float32)
	BackwardX64(dst, x, g []float64)
	// BackwardTheta adds Σ_i g[i]·∂y/∂θ(x[i]) to dtheta, with the same bits for any
	// number of processors; all of dtheta becomes NaN if an element is lost.
	BackwardTheta32(dtheta []float64, x, g []float32)
	BackwardTheta64(dtheta []float64, x, g []float64)
}

// Kernels names the implementation that evaluates tables and forms: avx2 on an amd64
// processor that has it, else portable. The build tag noasm, or DITAC_KERNELS in the
// environment with one of these names, says otherwise. All give the same bits.
func Kernels() string { return kernel.InUse() }
