package table

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/parallel"
)

// Fixed describes a fixed smooth function, such as GELU, for [NewFunction].
type Fixed struct {
	// Value and Slope are y and y′.
	Value, Slope func(x float64) float64
	// The table goes from Lo to Hi, multiples of Width, or 0, which is the start of no
	// piece. Width is that of a piece, a power of two.
	Lo, Hi, Width float64
	// Below Lo, y is the number Below; at Hi and above it is Above, or x if Above is NaN.
	Below, Above float64
}

// Function is a fixed function of float32 numbers, tabulated once: polynomials of fifth
// degree on pieces of equal width, which the kernels of package kernel evaluate.
type Function struct {
	tab          kernel.Tab
	below, above float32
}

// NewFunction tabulates a function. It reports a range that is empty or that has no whole
// number of pieces.
func NewFunction(f Fixed) (*Function, error) {
	bins := (f.Hi - f.Lo) / f.Width * binsPerPiece
	if !(bins >= 1) || bins > maxBins || bins != math.Trunc(bins) || f.Width != powerOfTwo(f.Width) {
		return nil, fmt.Errorf("from %v to %v in pieces of width %v, want %d or fewer, and a power of two", f.Lo, f.Hi, f.Width, maxBins/binsPerPiece)
	}
	t := &Function{below: float32(f.Below), above: float32(f.Above)}
	width := f.Width / binsPerPiece
	t.tab = kernel.Tab{Scale: float32(1 / width), First: int32(f.Lo / width), Lo: float32(f.Lo), Hi: float32(f.Hi)}
	t.setTails()
	t.tab.Bins = make([]kernel.Bin, int(bins))
	last := math.Inf(-1)
	for k := range t.tab.Bins {
		start := f.Lo + float64(k)*width
		// Pieces are centered at multiples of their width: 0 is a center, so that what is
		// small there is exact.
		center := f.Width * math.Floor((start+width)/f.Width)
		if center != last {
			t.tab.Pieces = append(t.tab.Pieces, f.piece(center))
			last = center
		}
		t.tab.Bins[k] = kernel.Bin{Kink: noKinks, Piece: uint32(len(t.tab.Pieces) - 1)}
	}
	return t, nil
}

// binsPerPiece is 2 because a bin starts at 0, where a piece has its center.
const binsPerPiece = 2

// setTails gives the tails that the kernels can have to them: 0 below, x above.
func (t *Function) setTails() {
	lo, hi := nan32, nan32
	if t.below == 0 {
		lo = 0
	}
	switch {
	case t.above != t.above:
		hi = 1
	case t.above == 0:
		hi = 0
	}
	t.tab.SetTails(lo, hi, 0, false, false)
}

var nan32 = float32(math.NaN())

// piece returns the polynomial y(c) + (x−c)·q(x) of the piece around c, in the range of
// the table, where q is of fourth degree and has the values of (y(x)−y(c))/(x−c) at the
// Chebyshev points: no rounding of y(c) gets into what is near c.
func (f *Fixed) piece(c float64) kernel.Piece {
	const degree = 4
	from, to := math.Max(f.Lo, c-f.Width/2), math.Min(f.Hi, c+f.Width/2)
	y := f.Value(c)
	var tau, q [degree + 1]float64
	for k := range tau {
		x := (from+to)/2 + (to-from)/2*math.Cos(math.Pi*(float64(k)+0.5)/(degree+1))
		if k == degree/2 {
			x = (from + to) / 2 // and no cosine of π/2
		}
		tau[k] = (x - c) / f.Width
		if q[k] = f.Slope(c) * f.Width; x != c {
			q[k] = (f.Value(x) - y) / tau[k]
		}
	}
	// Newton's divided differences, then powers of τ.
	for j := 1; j <= degree; j++ {
		for k := degree; k >= j; k-- {
			q[k] = (q[k] - q[k-1]) / (tau[k] - tau[k-j])
		}
	}
	var p [degree + 1]float64
	for k := degree; k >= 0; k-- {
		for j := degree; j > 0; j-- {
			p[j] = p[j-1] - tau[k]*p[j]
		}
		p[0] = q[k] - tau[k]*p[0]
	}
	return kernel.Piece{float32(y), float32(p[0]), float32(p[1]), float32(p[2]), float32(p[3]), float32(p[4]), float32(c), float32(1 / f.Width)}
}

// Forward sets dst[i] = y(x[i]). dst may be x.
func (t *Function) Forward(dst, x []float32) {
	parallel.SlicesOf(len(x), tableSlice).Each(func(_, from, to int) {
		blocks(dst[from:to], x[from:to], nil, func(_ int, dst, x, _ []float32) {
			if t.tab.Forward(dst, x) {
				t.tails(dst, x)
			}
		})
	})
}

// tails sets y where the kernel has left it.
func (t *Function) tails(dst, x []float32) {
	for i, y := range dst {
		switch {
		case y == y:
		case x[i] < t.tab.Lo:
			dst[i] = t.below
		case x[i] >= t.tab.Hi:
			dst[i] = t.above
		}
	}
}

// BackwardX sets dst[i] = g[i]·y′(x[i]), NaN for an element that is lost; see [Evaluator].
// dst may be x or g.
func (t *Function) BackwardX(dst, x, g []float32) {
	parallel.SlicesOf(len(x), tableSlice).Each(func(_, from, to int) {
		blocks(dst[from:to], x[from:to], g[from:to], func(_ int, dst, x, g []float32) {
			if !t.tab.BackwardX(dst, x, g) {
				return
			}
			for i, v := range x {
				if v < t.tab.Lo && t.below != 0 || v >= t.tab.Hi && t.above == t.above {
					dst[i] = 0 * g[i] // NaN if it is infinite
				}
			}
		})
	})
}
