package models

import (
	"math"
	"sync"
)

// sineTable is a sum of sines at one θ on equal intervals of the range of many elements,
// which are evaluated in a fraction of the time that the sines of each would take. On an
// interval y, y′ and ∂y/∂θ are the cubics that have the functions' values and slopes at
// its ends. Elements outside, and those that are not finite, are evaluated as they are.
type sineTable struct {
	*sines[float32]
	width   float64 // of an interval, a power of two
	perUnit float32 // 1/width
	first   float32 // number of the first interval, which starts at first·width
	count   int     // of intervals

	values, slopes func() [][4]float32 // the cubics of y and y′, made at first use
}

const (
	// sineTolerance is the largest error of the cubics, in sizes of the sum, Σ|C|, and of
	// its slope, Σ|CΩ|.
	sineTolerance = 1e-6
	// sinePays is the number of elements that pay for an interval: it takes the time of
	// one, and there are up to three ops.
	sinePays = 4
	// sineMost bounds the intervals, and so the sums of backwardTheta, of which every slice
	// has four per interval: else a few elements far out would make hundreds of megabytes.
	sineMost = 1 << 16
)

// newSineTable returns the table for elements x, nil if there are too few for it.
//
// The error of a cubic is width⁴/384 times the fourth derivative, which for no term is
// more than Ω⁴ times its size.
func newSineTable(f *sines[float32], x []float32) *sineTable {
	fastest := 0.
	for k := range f.terms {
		fastest = max(fastest, math.Abs(f.terms[k].omega))
	}
	if !(fastest > 0x1p-20 && fastest < 0x1p20) {
		return nil
	}
	width := math.Pow(384*sineTolerance, 0.25) / fastest
	most := min(len(x)/sinePays, sineMost)
	// A power of two, so that the ends of intervals are exact in float32.
	_, exp := math.Frexp(width)
	width = math.Ldexp(1, exp-1)
	lo, hi := rangeOf(x)
	if most < 1 || !(lo <= hi) {
		return nil
	}
	reach := math.Min(width*float64(most/2), width*(1<<23)) // where x/width is exact
	first := math.Floor(max(lo, -reach) / width)
	count := int(math.Ceil(min(hi, reach)/width) - first)
	if count < 1 {
		return nil
	}
	t := &sineTable{sines: f, width: width, perUnit: float32(1 / width), first: float32(first), count: count}
	t.values = sync.OnceValue(func() [][4]float32 { return t.cubics(false) })
	t.slopes = sync.OnceValue(func() [][4]float32 { return t.cubics(true) })
	return t
}

// rangeOf returns the least and greatest number, NaN apart.
func rangeOf(x []float32) (lo, hi float64) {
	least, greatest := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range x {
		if v < least {
			least = v
		}
		if v > greatest {
			greatest = v
		}
	}
	return float64(least), float64(greatest)
}

// place returns the interval of x and the place in it, from 0 to 1 but for a rounding;
// −1 outside.
func (t *sineTable) place(x float32) (interval int, place float32) {
	u := x * t.perUnit // exact
	from := u - t.first
	if !(from >= 0 && from < float32(t.count)) {
		return -1, 0
	}
	k := int(from)
	return k, u - (t.first + float32(k))
}

// at returns the start of an interval.
func (t *sineTable) at(interval int) float64 { return t.width * (float64(t.first) + float64(interval)) }

// node returns y and its first two derivatives at the start of an interval.
func (t *sineTable) node(interval int) (y, dy, d2y float64) {
	x := t.at(interval)
	for k := range t.terms {
		e := &t.terms[k]
		s, c := sincos(e.omega*x + e.phi)
		y += e.c * s
		dy += e.c * e.omega * c
		d2y -= e.c * e.omega * e.omega * s
	}
	return y, dy, d2y
}

// cubics returns those of y, or of y′.
func (t *sineTable) cubics(slope bool) [][4]float32 {
	out := make([][4]float32, t.count)
	var before [2]float64 // value and slope, per interval
	for k := range t.count + 1 {
		y, dy, d2y := t.node(k)
		at := [2]float64{y, t.width * dy}
		if slope {
			at = [2]float64{dy, t.width * d2y}
		}
		if k > 0 {
			rise := at[0] - before[0]
			out[k-1] = [4]float32{
				float32(before[0]), float32(before[1]),
				float32(3*rise - 2*before[1] - at[1]), float32(before[1] + at[1] - 2*rise),
			}
		}
		before = at
	}
	return out
}

func (t *sineTable) forward(dst, x []float32) {
	cubics := t.values()
	for i, v := range x {
		k, s := t.place(v)
		if k < 0 {
			t.sines.forward(dst[i:i+1], x[i:i+1])
			continue
		}
		c := &cubics[k]
		dst[i] = c[0] + s*(c[1]+s*(c[2]+s*c[3]))
	}
}

func (t *sineTable) backwardX(dst, x, g []float32) {
	cubics := t.slopes()
	for i, v := range x {
		k, s := t.place(v)
		if k < 0 {
			t.sines.backwardX(dst[i:i+1], x[i:i+1], g[i:i+1])
			continue
		}
		c := &cubics[k]
		dst[i] = g[i] * (c[0] + s*(c[1]+s*(c[2]+s*c[3])))
	}
}

// numSums implements closer: those of θ, for elements outside, then Σ g·s^j, j = 0 … 3,
// of the intervals.
func (t *sineTable) numSums() int { return 3*len(t.terms) + 4*t.count }

func (t *sineTable) backwardTheta(sums []float64, x, g []float32) {
	direct, moments := sums[:3*len(t.terms)], sums[3*len(t.terms):]
	for i, v := range x {
		k, s := t.place(v)
		if k < 0 {
			t.sines.backwardTheta(direct, x[i:i+1], g[i:i+1])
			continue
		}
		addMoments((*[4]float64)(moments[4*k:]), float64(g[i]), float64(s))
	}
}

// close implements closer. Hermite's basis makes weights of values and slopes at the ends
// of intervals of the moments.
func (t *sineTable) close(sums []float64) []float64 {
	n := len(t.terms)
	direct, moments := sums[:3*n], sums[3*n:]
	forC, forOmega, forPhi := direct[:n], direct[n:2*n], direct[2*n:]
	value, slope := 0., 0. // of the node, by the interval before it
	for k := range t.count + 1 {
		var nextValue, nextSlope float64
		if k < t.count {
			m := moments[4*k : 4*k+4]
			rise := 3*m[2] - 2*m[3]
			value += m[0] - rise
			slope += t.width * (m[1] - 2*m[2] + m[3])
			nextValue, nextSlope = rise, t.width*(m[3]-m[2])
		}
		if value != 0 || slope != 0 {
			x := t.at(k)
			for i := range t.terms {
				e := &t.terms[i]
				s, c := sincos(e.omega*x + e.phi)
				turn := e.c * (value*c - slope*e.omega*s) // ∂y/∂Φ = C·cos, and its slope
				forC[i] += value*s + slope*e.omega*c
				forPhi[i] += turn
				forOmega[i] += turn*x + slope*e.c*c // ∂y/∂Ω = x·∂y/∂Φ
			}
		}
		value, slope = nextValue, nextSlope
	}
	return direct
}
