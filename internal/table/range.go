package table

import "math"

// Beyond the ends of a table the curve is affine, or left to the exact evaluation.
const (
	gateReach = 6.0 // beyond ±6, |Φ(x) − step(x)| < 1e-9

	// farOut is how many widths beyond the domain a table goes; what is farther out
	// is left to the exact evaluation where it is not simple.
	farOut = 8

	// farOff bounds how far from 0 a table may lie, in its widths: the numbers of bins, and
	// of the intervals of fine grids, are to fit in 32 bits.
	farOff = 1 << 15
)

// rangeOf sets the tails and returns the range between them, in whole numbers of
// the widest bins that may be chosen.
func (l *lookup) rangeOf() (lo, hi, widest float64) {
	a, b := l.of.Curve.Grid.A, l.of.Curve.Grid.B
	first, last := &l.smooths[0], l.last()
	lo, hi = first.To, last.From
	if first.Gated {
		// φ may be steep out there; go on until the gate has won.
		for lo = math.Min(lo, -gateReach); lo > -4*gateReach; lo -= 1 {
			if j := first.At(lo); math.Abs(j.Y) < l.tol/16 && math.Abs(j.D1) < l.tol/16 {
				break
			}
		}
	}
	if last.Gated {
		hi = math.Max(hi, gateReach)
	}
	// The transformation over the whole line may have its last kinks far out.
	far := farOut * (b - a)
	l.loExact, l.hiExact = lo < a-far, hi > b+far
	lo, hi = math.Max(lo, a-far), math.Min(hi, b+far)
	widest = powerOfTwo((hi - lo) / minBins)
	lo, hi = widest*math.Floor(lo/widest), widest*math.Floor(hi/widest+1) // the end of the domain is inside

	j := last.At(math.Max(hi, last.From))
	slope := j.D1
	if last.Gated { // the gate is 1 from here on, φ is affine
		slope = j.Phi1
	}
	loSlope, hiSlope, hiOffset := float32(first.Slope), float32(slope), float32(j.Y-slope*j.X)
	if first.Gated {
		loSlope = 0
	}
	if last.Seg == nil {
		hiOffset = 0
	}
	if math.Abs(float64(hiOffset)) > l.tol*(1<<22) {
		l.hiExact = true // the sum in float32 would cancel
	}
	if l.loExact {
		loSlope = float32(math.NaN())
	}
	if l.hiExact {
		hiSlope = float32(math.NaN())
	}
	l.tab.Lo, l.tab.Hi = float32(lo), float32(hi)
	l.tab.SetTails(loSlope, hiSlope, hiOffset, l.loExact, l.hiExact || last.Seg != nil)
	return lo, hi, widest
}

// powerOfTwo returns the greatest power of two that is not greater than x > 0.
func powerOfTwo(x float64) float64 {
	_, exp := math.Frexp(x)
	return math.Ldexp(1, exp-1)
}

// leaveAll leaves the whole curve to the exact evaluation.
func (l *lookup) leaveAll() {
	l.loExact, l.hiExact = true, true
	l.tab.Lo, l.tab.Hi = float32(math.Inf(1)), float32(math.Inf(-1))
	l.tab.SetTails(float32(math.NaN()), float32(math.NaN()), 0, true, true)
}
