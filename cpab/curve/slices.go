package curve

import (
	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/kernel"
)

// Evaluator is a curve at one θ that works on slices. x, dst and g have equal
// lengths; dst may be x or g itself. Implementations may be used by several
// goroutines at once, and spread long slices over GOMAXPROCS of them.
type Evaluator interface {
	// Dim returns the number of parameters θ.
	Dim() int
	// Forward sets dst[i] = y(x[i]).
	Forward32(dst, x []float32)
	Forward64(dst, x []float64)
	//
	// To the backward methods, an element is lost whose x is NaN or whose upstream
	// gradient g is NaN or infinite. All implementations, those for GPUs among them,
	// follow one rule that does not depend on how y′ and ∂y/∂θ are rounded, nor on
	// whether θ has a say at x: what a lost element has a part in is NaN. An infinite
	// g is no better than a NaN, because its product with what may be 0 is.
	//
	// BackwardX sets dst[i] = g[i]·y′(x[i]), NaN for an element that is lost.
	BackwardX32(dst, x, g []float32)
	BackwardX64(dst, x, g []float64)
	// BackwardTheta adds Σ_i g[i]·∂y/∂θ(x[i]) to dtheta, with the same bits for any
	// number of processors; all of dtheta becomes NaN if an element is lost.
	BackwardTheta32(dtheta []float64, x, g []float32)
	BackwardTheta64(dtheta []float64, x, g []float64)
}

var _ Evaluator = (*Exact)(nil)

type float interface{ float32 | float64 }

// Dim implements Evaluator.
func (e *Exact) Dim() int { return e.curve.space.Dim() }

// Forward32 implements Evaluator.
func (e *Exact) Forward32(dst, x []float32) { exactForward(e, dst, x) }

// Forward64 implements Evaluator.
func (e *Exact) Forward64(dst, x []float64) { exactForward(e, dst, x) }

// BackwardX32 implements Evaluator.
func (e *Exact) BackwardX32(dst, x, g []float32) { exactBackwardX(e, dst, x, g) }

// BackwardX64 implements Evaluator.
func (e *Exact) BackwardX64(dst, x, g []float64) { exactBackwardX(e, dst, x, g) }

// BackwardTheta32 implements Evaluator.
func (e *Exact) BackwardTheta32(dtheta []float64, x, g []float32) {
	exactBackwardTheta(e, dtheta, x, g)
}

// BackwardTheta64 implements Evaluator.
func (e *Exact) BackwardTheta64(dtheta []float64, x, g []float64) {
	exactBackwardTheta(e, dtheta, x, g)
}

func exactForward[T float](e *Exact, dst, x []T) {
	newSlicing(len(x), exactSlice).each(func(_, from, to int) {
		for i := from; i < to; i++ {
			dst[i] = T(e.Value(float64(x[i])))
		}
	})
}

func exactBackwardX[T float](e *Exact, dst, x, g []T) {
	newSlicing(len(x), exactSlice).each(func(_, from, to int) {
		for i := from; i < to; i++ {
			_, dy := e.Jet(float64(x[i]))
			dst[i] = T(scaled(float64(g[i]), dy))
		}
	})
}

// scaled returns g·dy, and NaN if g is not finite.
func scaled(g, dy float64) float64 { return g * (dy + 0*g) }

func exactBackwardTheta[T float](e *Exact, dtheta []float64, x, g []T) {
	n := e.curve.space.Cells() + 1
	s := newSlicing(len(x), max(exactSlice, n)) // sums take less memory than elements
	dvs := make([]float64, n*max(1, s.count()))
	s.each(func(slice, from, to int) {
		dv := dvs[slice*n : (slice+1)*n]
		for i := from; i < to; i++ {
			e.AddGradV(dv, float64(x[i]), float64(g[i]))
		}
	})
	for k := n; k < len(dvs); k++ {
		dvs[k%n] += dvs[k]
	}
	pullBack(e.curve.space, dtheta, dvs[:n])
}

// pullBack is Space.PullBack for slices whose lengths this package has made.
func pullBack(s *cpab.Space, dtheta, dv []float64) {
	if err := s.PullBack(dtheta, dv); err != nil {
		panic("curve: " + err.Error()) // unreachable: both lengths come from s
	}
}

// Kernels names the implementation that evaluates float32 tables: avx2 on an amd64
// processor that has it, else portable. The build tag noasm, or DITAC_KERNELS in the
// environment with one of these names, says otherwise. All give the same bits.
func Kernels() string { return kernel.InUse() }
