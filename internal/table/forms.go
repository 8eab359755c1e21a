package table

import (
	"math"
	"sort"
	"sync"

	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/shape"
)

// Forms is a curve at one θ, evaluated by the closed forms of its smooth intervals, many
// elements at once. It is what [Exact] is but for rounding, takes a fraction of the time,
// and of a θ it needs the smooth intervals only. It does not change but by Reset.
type Forms struct {
	exact *Exact
	forms *kernel.Forms

	segments []flow.Segment
	smooths  []shape.Smooth
	starts   []float64  // the least number of each smooth interval, the first −Inf
	closings []formPart // beside the smooth intervals

	walks    bool // the whole curve is left to exact
	someWalk bool // some of its parts are
}

// formPart is what closing the sums of a smooth interval needs.
type formPart struct {
	flow.SegmentLayout
	ref, ratio  float64 // where d is 0, and ℓ there: see kernel.Form
	sigma, last float64 // of trajectories that cross: FirstSlope ÷ Exit and LastSlope, but not 0
	walks       bool    // left to the exact evaluation
}

// formSlice is the length of slices: see exactSlice.
const formSlice = 1 << 13

// NewForms returns the forms of e.
func NewForms(e *Exact) *Forms {
	f := &Forms{exact: e, forms: kernel.NewForms()}
	f.Reset()
	return f
}

// BreakEven returns the numbers of elements per θ, for all three passes, from which forms
// take less time than the exact evaluation, and a float32 table less than [Forms32]: as
// measured, where that is made of smooth intervals, whose number goes with that of cells.
func BreakEven(cells int) (forms, tables int) {
	switch {
	case !kernel.FusesMultiplyAdd():
		return math.MaxInt, 128
	case !kernel.HasForms():
		return 16 + 2*cells, 128
	}
	return 8 + cells, 300 * cells
}

// Exact returns the curve that the forms are of.
func (f *Forms) Exact() *Exact { return f.exact }

var _ Evaluator = (*Forms)(nil)

// Dim implements Evaluator.
func (f *Forms) Dim() int { return f.exact.Dim() }

// Forward32 implements Evaluator.
func (f *Forms) Forward32(dst, x []float32) {
	if f.walks {
		f.exact.Forward32(dst, x)
		return
	}
	formsForward(f, dst, x)
}

// Forward64 implements Evaluator.
func (f *Forms) Forward64(dst, x []float64) {
	if f.walks {
		f.exact.Forward64(dst, x)
		return
	}
	formsForward(f, dst, x)
}

// BackwardX32 implements Evaluator.
func (f *Forms) BackwardX32(dst, x, g []float32) {
	if f.walks {
		f.exact.BackwardX32(dst, x, g)
		return
	}
	formsBackwardX(f, dst, x, g)
}

// BackwardX64 implements Evaluator.
func (f *Forms) BackwardX64(dst, x, g []float64) {
	if f.walks {
		f.exact.BackwardX64(dst, x, g)
		return
	}
	formsBackwardX(f, dst, x, g)
}

// BackwardTheta32 implements Evaluator.
func (f *Forms) BackwardTheta32(dtheta []float64, x, g []float32) {
	if f.walks || !formsBackwardTheta(f, dtheta, x, g) {
		f.exact.BackwardTheta32(dtheta, x, g)
	}
}

// BackwardTheta64 implements Evaluator.
func (f *Forms) BackwardTheta64(dtheta []float64, x, g []float64) {
	if f.walks || !formsBackwardTheta(f, dtheta, x, g) {
		f.exact.BackwardTheta64(dtheta, x, g)
	}
}

func formsForward[T float](f *Forms, dst, x []T) {
	s := parallel.SlicesOf(len(x), formSlice)
	if s.Count() == 1 { // closures would take longer than few elements
		formsForwardSlice(f, dst, x)
		return
	}
	s.Each(func(_, from, to int) { formsForwardSlice(f, dst[from:to], x[from:to]) })
}

func formsForwardSlice[T float](f *Forms, dst, x []T) {
	w := formWorks.Get().(*formWork)
	for from := 0; from < len(x); from += kernel.MaxFormBlock {
		to := min(from+kernel.MaxFormBlock, len(x))
		in := widen(&w.x, x[from:to])
		f.find(w, in, nil)
		out := room(&w.y, dst[from:to])
		f.forms.Forward(&w.block, out, in)
		for k, i := range w.left[:w.n] {
			out[i] = f.exact.Value(w.leftX[k])
		}
		narrow64(dst[from:to], out)
	}
	formWorks.Put(w)
}

func formsBackwardX[T float](f *Forms, dst, x, g []T) {
	s := parallel.SlicesOf(len(x), formSlice)
	if s.Count() == 1 {
		formsBackwardXSlice(f, dst, x, g)
		return
	}
	s.Each(func(_, from, to int) { formsBackwardXSlice(f, dst[from:to], x[from:to], g[from:to]) })
}

func formsBackwardXSlice[T float](f *Forms, dst, x, g []T) {
	w := formWorks.Get().(*formWork)
	for from := 0; from < len(x); from += kernel.MaxFormBlock {
		to := min(from+kernel.MaxFormBlock, len(x))
		in, up := widen(&w.x, x[from:to]), widen(&w.g, g[from:to])
		f.find(w, in, up)
		out := room(&w.y, dst[from:to])
		f.forms.BackwardX(&w.block, out, in, up)
		for k, i := range w.left[:w.n] {
			_, dy := f.exact.Jet(w.leftX[k])
			out[i] = scaled(w.leftG[k], dy)
		}
		narrow64(dst[from:to], out)
	}
	formWorks.Put(w)
}

// formsBackwardTheta reports false, and adds nothing, if sums have overflowed.
func formsBackwardTheta[T float](f *Forms, dtheta []float64, x, g []T) bool {
	s := parallel.SlicesOf(len(x), formSlice)
	if s.Count() <= 1 {
		total := f.newTotal()
		formsSum(f, total, x, g)
		return formsPullBack(f, dtheta, total, x, g)
	}
	totals := make([]*formTotal, s.Count())
	for k := range totals {
		totals[k] = f.newTotal()
	}
	s.Each(func(slice, from, to int) { formsSum(f, totals[slice], x[from:to], g[from:to]) })
	total := totals[0]
	for _, t := range totals[1:] {
		total.add(t)
		formTotals.Put(t)
	}
	return formsPullBack(f, dtheta, total, x, g)
}

// newTotal returns sums that are 0.
func (f *Forms) newTotal() *formTotal {
	t := formTotals.Get().(*formTotal)
	t.resize(len(f.forms.Forms), f.exact.Curve.GradSize())
	return t
}

// formsSum adds the sums of a slice of the elements.
func formsSum[T float](f *Forms, total *formTotal, x, g []T) {
	w := formWorks.Get().(*formWork)
	for from := 0; from < len(x); from += kernel.MaxFormBlock {
		to := min(from+kernel.MaxFormBlock, len(x))
		in, up := widen(&w.x, x[from:to]), widen(&w.g, g[from:to])
		f.find(w, in, up)
		f.forms.Sums(&w.block, total.sums, in, up)
		for k := range w.left[:w.n] {
			f.exact.AddGradV(total.dv, w.leftX[k], w.leftG[k])
		}
	}
	formWorks.Put(w)
}

// formsPullBack ends formsBackwardTheta, given the sums over all elements.
func formsPullBack[T float](f *Forms, dtheta []float64, total *formTotal, x, g []T) bool {
	f.close(total)
	done := total.finite()
	switch {
	case done:
		pullBack(f.exact.Curve, dtheta, total.dv)
	case anyLost(x, g):
		shape.Fill(dtheta, math.NaN())
		done = true
	}
	formTotals.Put(total)
	return done
}

// formWork is what a slice of elements needs, block after block.
type formWork struct {
	block   kernel.FormBlock
	x, g, y [kernel.MaxFormBlock]float64 // of float32 elements

	n            int // how many elements of the block are left to the exact evaluation
	left         [kernel.MaxFormBlock]int32
	leftX, leftG [kernel.MaxFormBlock]float64 // dst may be x or g
}

var formWorks = sync.Pool{New: func() any { return new(formWork) }}

// widen returns the elements as float64, in a buffer if they are not.
func widen[T float](buffer *[kernel.MaxFormBlock]float64, x []T) []float64 {
	switch x := any(x).(type) {
	case []float64:
		return x
	case []float32:
		out := buffer[:len(x)]
		for i, v := range x {
			out[i] = float64(v)
		}
		return out
	}
	return nil
}

// room returns dst itself if it is of float64, or else a buffer.
func room[T float](buffer *[kernel.MaxFormBlock]float64, dst []T) []float64 {
	if dst, ok := any(dst).([]float64); ok {
		return dst
	}
	return buffer[:len(dst)]
}

// narrow64 sets dst to the numbers, unless it is them.
func narrow64[T float](dst []T, numbers []float64) {
	if dst, ok := any(dst).([]float32); ok {
		for i, v := range numbers {
			dst[i] = float32(v)
		}
	}
}

// find finds the forms of a block of elements, and notes those that are left to the exact
// evaluation.
func (f *Forms) find(w *formWork, x, g []float64) {
	w.n = 0
	odd := f.forms.Find(&w.block, x)
	if !odd && !f.someWalk {
		return
	}
	for i, v := range x {
		at := w.block.At[i] / 8
		if at == 0 && math.Abs(v) < kernel.Farthest { // in a bin of many starts
			at = uint64(f.search(v) + 1)
		}
		if at > 0 && f.closings[at-1].walks {
			at = 0
		}
		if w.block.At[i] = 8 * at; at == 0 {
			w.left[w.n], w.leftX[w.n] = int32(i), v
			if g != nil {
				w.leftG[w.n] = g[i]
			}
			w.n++
		}
	}
}

// search returns the index of x's smooth interval.
func (f *Forms) search(x float64) int {
	return sort.Search(len(f.starts), func(k int) bool { return f.starts[k] > x }) - 1
}
