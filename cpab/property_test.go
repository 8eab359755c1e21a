package cpab

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// ulp is the relative distance of neighbouring float64 numbers.
const ulp = 0x1p-52

// drawSpace draws a space: cells, boundary, basis and domain.
func drawSpace(t *rapid.T) *Space {
	cells := rapid.IntRange(1, 128).Draw(t, "cells")
	boundary := rapid.SampledFrom([]Boundary{ZeroBoundary, FreeBoundary}).Draw(t, "boundary")
	a := rapid.Float64Range(-100, 100).Draw(t, "a")
	width := math.Pow(10, rapid.Float64Range(-3, 3).Draw(t, "log width"))
	return drawBasis(t, cells, WithBoundary(boundary), WithDomain(a, a+width))
}

// drawBasis draws a basis for a space that is given otherwise.
func drawBasis(t *rapid.T, cells int, opts ...Option) *Space {
	basis := rapid.SampledFrom([]Basis{BasisQR, BasisSVD, BasisRREF, BasisSparse, BasisNodal, BasisHat, BasisBump, BasisCustom}).Draw(t, "basis")
	opts = append([]Option(nil), opts...)
	if basis == BasisCustom {
		s, err := NewSpace(cells, append(opts, WithBasis(BasisNodal))...)
		require.NoError(t, err)
		opts = append(opts, WithBasisMatrix(mixed(s)))
	} else {
		opts = append(opts, WithBasis(basis))
	}
	s, err := NewSpace(cells, opts...)
	require.NoError(t, err)
	return s
}

// mixed returns a matrix of a user's own: each column of the basis of s with a third
// of the next one and a tenth of the last.
func mixed(s *Space) []float64 {
	b, d := s.BasisMatrix(), s.Dim()
	m := make([]float64, len(b))
	for i := 0; i < len(b); i += max(d, 1) {
		for k := range d {
			m[i+k] = b[i+k] + b[i+(k+1)%d]/3 + b[i+d-1]/10
		}
	}
	return m
}

// drawTheta draws parameters whose norm is up to 100 and often much less.
func drawTheta(t *rapid.T, s *Space) []float64 {
	theta := rapid.SliceOfN(rapid.Float64Range(-1, 1), s.Dim(), s.Dim()).Draw(t, "direction")
	norm := math.Pow(10, rapid.Float64Range(-3, 2).Draw(t, "log norm"))
	length := 0.0
	for _, x := range theta {
		length = math.Hypot(length, x)
	}
	for k := range theta {
		if length > 0 {
			theta[k] = theta[k] / length * norm
		}
	}
	return theta
}

func drawField(t *rapid.T) *Field {
	s := drawSpace(t)
	f, err := s.Field(drawTheta(t, s))
	require.NoError(t, err)
	return f
}

func drawTime(t *rapid.T, label string) float64 {
	return rapid.OneOf(rapid.Just(1.0), rapid.Just(-1.0), rapid.Float64Range(-2, 2)).Draw(t, label)
}

// drawX draws a point of the domain, also on and next to a vertex, and with free
// ends one up to a width beyond.
func drawX(t *rapid.T, s *Space, label string) float64 {
	vert := rapid.SampledFrom(s.Vertices())
	x := rapid.OneOf(
		rapid.Map(rapid.Float64Range(0, 1), func(u float64) float64 { return s.a + u*(s.b-s.a) }),
		vert,
		rapid.Map(vert, func(v float64) float64 { return math.Nextafter(v, math.Inf(1)) }),
		rapid.Map(vert, func(v float64) float64 { return math.Nextafter(v, math.Inf(-1)) }),
		rapid.Map(vert, func(v float64) float64 { return v + s.grid.Width*1e-9 }),
		rapid.Map(rapid.Float64Range(-1, 2), func(u float64) float64 { return s.a + u*(s.b-s.a) }),
	).Draw(t, label)
	if s.boundary == ZeroBoundary {
		x = math.Max(s.a, math.Min(s.b, x))
	}
	return x
}

// rounding bounds the error of φ(x) for time t, given the velocities at the vertices:
// what is computed lies between φ(x−start)−end and φ(x+start)+end of exact
// arithmetic. The error has three sources:
//
//   - The start. The velocity v(x), a mean of those at two vertices, has an error of
//     ulp times the larger one. A start that is off by ulp·h would make the same of
//     it; as x itself is added without that error, φ is off by another ulp·h.
//   - The clock. The times for the cells crossed have relative errors of some ulp,
//     and they are subtracted from t one by one, each with an error of ulp·|t|.
//     φ moves by |v(φ)| times the error.
//   - The place. φ, the vertices and what is added to them are rounded.
//
// Beyond the domain, v(x) is a difference of velocities that are |u| times as large
// as those at the vertices, where u is how many cells x is away. What of it is lost
// may be put down to the start or to the clock, whichever moves φ less.
//
// c is the number of roundings that are taken together in each.
func rounding(f *Field, x, t float64) (start, end float64) {
	const c = 8
	s := f.space
	phi, dx := f.FlowDx(x, t)
	from, u, r := s.grid.Locate(x)
	to, _, _ := s.grid.Locate(phi)
	crossed := math.Abs(float64(to - from))
	place := math.Max(math.Max(math.Abs(s.a), math.Abs(s.b)), math.Max(math.Abs(x), math.Abs(phi)))
	clock := (crossed + 1) * math.Abs(t*f.Velocity(phi))
	start, end = s.grid.Width, clock+place+s.grid.Width
	if u > 1 || r > 1 {
		vx := math.Abs(f.Velocity(x))
		v := math.Abs(u*f.flow.Velocities()[from+1]) + math.Abs(r*f.flow.Velocities()[from])
		early := v / math.Abs(f.flow.Slope(from))
		late := v / vx * math.Max(math.Abs(t*f.Velocity(phi)), math.Abs(phi-x))
		switch {
		case v == 0:
		case vx == 0 || early*(1+dx) < late:
			start += early
			end += early
		default:
			end += late
		}
	}
	return c * ulp * start, c * ulp * end
}

// bounds returns numbers between which φ(y) of exact arithmetic lies for every y
// within e of x, because φ is monotone.
func bounds(f *Field, x, t, e float64) (lo, hi float64) {
	start, _ := rounding(f, x, t)
	at := func(side float64) (phi, end float64) {
		more, _ := rounding(f, x+side*(start+e), t) // if more is put down to the start there
		y := x + side*(math.Max(start, more)+e)
		if f.space.boundary == ZeroBoundary {
			y = math.Max(f.space.a, math.Min(f.space.b, y))
		}
		phi = f.Flow(y, t)
		if _, end = rounding(f, y, t); math.IsInf(phi, 0) {
			end = 0
		}
		return phi, end
	}
	left, below := at(-1)
	right, above := at(1)
	return left - below, right + above
}

// TestInverse: the flow for time −t undoes that for time t. The tolerance is the
// rounding error of the first times the derivative of the second: as this may change
// by many powers of ten over the width of a rounding error, where trajectories have
// run together, it is its integral that is taken, the difference of the second flow
// between the two ends of the first one's error. Where that is as wide as the domain
// x is lost, and nothing is left to hold.
func TestInverse(t *testing.T) {
	worst, lost, n := 0.0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		time := drawTime(t, "t")
		for i := range 8 {
			x := drawX(t, f.space, fmt.Sprint("x", i))
			phi := f.Flow(x, time)
			if math.IsInf(phi, 0) { // free ends only: beyond float64's range
				require.Equal(t, FreeBoundary, f.space.boundary)
				require.Equal(t, phi, f.Flow(phi, -time))
				continue
			}
			start, end := rounding(f, x, time)
			lo, hi := bounds(f, phi, -time, end)
			lo, hi = lo-start, hi+start
			if !(lo <= x && x <= hi) {
				t.Fatalf("x = %v: φ = %v ± %.3g, back at %v, want %v to %v", x, phi, end, f.Flow(phi, -time), lo, hi)
			}
			n++
			if hi-lo > 1e-3*(f.space.b-f.space.a) {
				lost++
			} else {
				worst = math.Max(worst, math.Abs(f.Flow(phi, -time)-x)/math.Max(hi-x, x-lo))
			}
		}
	})
	t.Logf("%d points, %d of them lost; largest error ÷ tolerance of the others: %.3f", n, lost, worst)
}

// TestMonotone: φ does not decrease, but for rounding; zero velocities at the ends
// hold these fixed exactly and keep the domain, for all times.
func TestMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		time := drawTime(t, "t")
		s := f.space
		for i := range 8 {
			x := drawX(t, s, fmt.Sprint("x", i))
			phi := f.Flow(x, time)
			_, above := bounds(f, x, time, 0)
			for _, gap := range []float64{ulp, 1e-12, 1e-6, 0.1} {
				y := x + gap*math.Max(math.Abs(x), s.b-s.a)
				lo, hi := bounds(f, y, time, 0)
				if other := f.Flow(y, time); !(other >= phi || hi >= phi && other >= lo && phi <= above) {
					t.Fatalf("φ(%v) = %v > φ(%v) = %v", x, phi, y, other)
				}
			}
			if s.boundary == ZeroBoundary {
				long := time * math.Pow(10, float64(i))
				require.Equal(t, s.a, f.Flow(s.a, long))
				require.Equal(t, s.b, f.Flow(s.b, long))
				phi := f.Flow(x, long)
				require.True(t, s.a <= phi && phi <= s.b, "φ(%v) = %v for time %v leaves [%v,%v]", x, phi, long, s.a, s.b)
			}
		}
	})
}

// TestEndsFixed: the ends of the domain are at rest also where b−a has no exact
// float64, and repelling.
func TestEndsFixed(t *testing.T) {
	for _, d := range [][2]float64{{0, 1}, {-3, 3}, {-1e-17, 1}, {1e-17, 1}, {-7e-21, 3.2}, {0.1, 0.7}, {-1, 1e-17}, {1e9, 1e9 + 1}} {
		for _, cells := range []int{2, 3, 9} {
			s, err := NewSpace(cells, WithDomain(d[0], d[1]), WithBasis(BasisNodal))
			require.NoError(t, err)
			for _, v := range []float64{50, -50} {
				theta := make([]float64, s.Dim())
				for k := range theta {
					theta[k] = v
				}
				f, err := s.Field(theta)
				require.NoError(t, err)
				for _, end := range d {
					for _, time := range []float64{1, -1, 100, -100} {
						phi, dx := f.FlowDx(end, time)
						require.Equal(t, end, phi, "%d cells on %v, V = %v, time %v", cells, d, v, time)
						require.Equal(t, 0.0, f.Velocity(end), "%d cells on %v, V = %v", cells, d, v)
						require.False(t, math.IsNaN(dx))
					}
				}
			}
		}
	}
}

// TestRestGradient: an end of the domain does not move, so its gradient is 0, even
// where e^{slope·t} is beyond float64.
func TestRestGradient(t *testing.T) {
	for _, cells := range []int{2, 10} {
		s, err := NewSpace(cells, WithBasis(BasisNodal))
		require.NoError(t, err)
		for _, v := range []float64{1, -1, 70, -70, 80 * 709, -80 * 709} {
			theta := make([]float64, s.Dim())
			for k := range theta {
				theta[k] = v
			}
			f, err := s.Field(theta)
			require.NoError(t, err)
			for _, x := range []float64{0, 1} {
				phi, dx, grad := f.FlowGrad(nil, x, 1)
				require.Equal(t, x, phi)
				require.False(t, math.IsNaN(dx))
				for k := range grad {
					require.Equal(t, 0.0, grad[k], "∂φ/∂θ[%d] at %v, %d cells, θ = %v", k, x, cells, v)
				}
			}
		}
	}
}

// TestGradientNearRest: next to an end, where the components of ∂φ/∂V that the
// boundary pins may be larger by many powers of ten, ∂φ/∂θ keeps its digits. With two
// cells on [0,1] and V = 0, w, 0, a point δ away from an end that repels gets
// φ = δ·e^{2w} away from it, and when it has passed the middle, 1/(4δ)·e^{−2w} away
// from the other end.
func TestGradientNearRest(t *testing.T) {
	s, err := NewSpace(2, WithBasis(BasisNodal))
	require.NoError(t, err)
	for _, w := range []float64{0.3, 5, 13, 17, 25} {
		for _, delta := range []float64{0x1p-52, 0x1p-50, 0x1p-44, 0x1p-37, 0x1p-30, 0x1p-20, 0x1p-8} {
			for _, end := range []float64{0, 1} {
				x, time := delta, 1.0
				if end == 1 {
					x, time = 1-delta, -1
				}
				away := delta * math.Exp(2*w)
				slope := 2 * away
				if away > 0.5 {
					away = 1 / (4 * delta) * math.Exp(-2*w)
					slope = 2 * away // towards the other end, which is the same way
				}
				f, err := s.Field([]float64{w})
				require.NoError(t, err)
				_, _, grad := f.FlowGrad(nil, x, time)
				if end == 1 {
					slope = -slope
				}
				assert.InDelta(t, slope, grad[0], 1e-9*math.Abs(slope)+1e-12, "w = %v, δ = %v from %v", w, delta, end)
			}
		}
	}
}

// TestSemigroup: to flow for time t and then for time u is to flow for time t+u. The
// tolerance is made as in TestInverse.
func TestSemigroup(t *testing.T) {
	worst := 0.0
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		first, second := drawTime(t, "t"), drawTime(t, "u")
		both := first + second
		for i := range 8 {
			x := drawX(t, f.space, fmt.Sprint("x", i))
			phi := f.Flow(x, first)
			start, end := rounding(f, x, first)
			lo, hi := bounds(f, phi, second, end) // for a start that is exact
			below, _ := bounds(f, x, both, start)
			_, above := bounds(f, x, both, start)
			if math.IsInf(phi, 0) || math.IsInf(lo, 0) || math.IsInf(hi, 0) || math.IsInf(below, 0) || math.IsInf(above, 0) {
				require.Equal(t, FreeBoundary, f.space.boundary)
				continue
			}
			two, one := f.Flow(phi, second), f.Flow(x, both)
			// The intervals in which exact arithmetic would have them overlap.
			if !(lo <= above && below <= hi) {
				t.Fatalf("x = %v: %v in two steps (%v to %v), %v in one (%v to %v)", x, two, lo, hi, one, below, above)
			}
			if wide := math.Max(hi, above) - math.Min(lo, below); two != one && wide < 1e-3*(f.space.b-f.space.a) {
				worst = math.Max(worst, math.Abs(two-one)/wide)
			}
		}
	})
	t.Logf("largest difference ÷ tolerance: %.3f", worst)
}

// moving reports whether the trajectories that start between lo and hi all run the
// same way, none of them from so near a point at rest that the rounding of v(x) has
// a say, or that a step of float64 numbers is too coarse to see how steep φ is.
func moving(f *Field, lo, hi float64) bool {
	start, _ := rounding(f, lo, 1)
	v := []float64{f.Velocity(lo - 1e6*start), f.Velocity(hi + 1e6*start)}
	for j, x := range f.space.grid.Vertices {
		if lo <= x && x <= hi {
			v = append(v, f.flow.Velocities()[j])
		}
	}
	slices.Sort(v)
	least, most := v[0], v[len(v)-1]
	return (least > 0 || most < 0) && math.Min(least/most, most/least) > 1e-6
}

// slopes returns the smallest and largest ∂φ/∂x between lo and hi, where all
// trajectories run the same way. Between two kinks (the vertices and the points that
// flow into them) ∂φ/∂x is monotone, because ∂²φ/∂x² = ∂φ/∂x·(slope of the last cell
// − slope of the first)/v(x) does not change its sign there. So these are found at
// the ends and at the kinks.
func slopes(f *Field, lo, hi, t float64) (least, most float64) {
	least = math.Inf(1)
	look := func(x float64) {
		_, dx := f.FlowDx(x, t)
		least, most = math.Min(least, dx), math.Max(most, dx)
	}
	look(lo)
	look(hi)
	for _, k := range f.space.grid.Vertices {
		if lo < k && k < hi {
			look(k)
		}
		if k = f.Flow(k, -t); lo < k && k < hi {
			look(k)
		}
	}
	return least, most
}

// TestSlope: ∂φ/∂x is positive (or has underflowed), and a difference of φ is its
// integral: it lies between the smallest and the largest ∂φ/∂x times the length, but
// for the rounding of φ and 1e-9 of ∂φ/∂x.
func TestSlope(t *testing.T) {
	n, still, worst := 0, 0, 0.0
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		time := drawTime(t, "t")
		s := f.space
		for i := range 8 {
			x := drawX(t, s, fmt.Sprint("x", i))
			phi, dx := f.FlowDx(x, time)
			require.GreaterOrEqual(t, dx, 0.0)
			if dx == 0 { // e^−745: trajectories that are that near to a sink
				steepest := 0.0
				for c := range s.cells {
					steepest = math.Max(steepest, math.Abs(f.flow.Slope(c)))
				}
				require.Greater(t, steepest*math.Abs(time), 600.0, "∂φ/∂x = 0 at %v", x)
			}
			e := s.grid.Width * math.Pow(10, rapid.Float64Range(-7, -1).Draw(t, fmt.Sprint("log e", i)))
			lo, hi := x-e, x+e
			if s.boundary == ZeroBoundary {
				lo, hi = math.Max(lo, s.a), math.Min(hi, s.b)
			}
			if math.IsInf(phi, 0) || !(lo < hi) {
				continue
			}
			n++
			if !moving(f, lo, hi) {
				still++
				continue
			}
			least, most := slopes(f, lo, hi, time)
			a, b := bounds(f, lo, time, 0)
			c, d := bounds(f, hi, time, 0)
			if math.IsInf(a, 0) || math.IsInf(d, 0) {
				continue
			}
			noise := (b - a) + (d - c)
			diff := f.Flow(hi, time) - f.Flow(lo, time)
			excess := math.Max(math.Max(0, diff-(hi-lo)*most), (hi-lo)*least-diff)
			tol := noise + 1e-9*(hi-lo)*most
			if !(excess <= tol) {
				t.Fatalf("φ grows by %v over [%v,%v], where ∂φ/∂x = %v to %v: off by %.3g, tolerance %.3g", diff, lo, hi, least, most, excess, tol)
			}
			worst = math.Max(worst, excess/tol)
		}
	})
	t.Logf("%d intervals, %d of them with a point at rest; largest error ÷ tolerance: %.3f", n, still, worst)
}

// TestGradient: a difference of φ between θ−ε and θ+ε is the integral of ∂φ/∂θ, which
// lies between the values at both ends and in the middle, where ∂φ/∂θ is monotone on
// both halves: its mean is off the middle by the larger of the two differences at
// most. Twice that is allowed for, the rounding of φ and of the velocities at the
// vertices, and 1e-9 of the gradient. It is not monotone where the velocity at a vertex
// changes its sign, and trajectories begin or cease to pass: ε is a thousandth of the
// distance from there at most.
func TestGradient(t *testing.T) {
	n, sharp, kinks, worst := 0, 0, 0, 0.0
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t)
		theta := drawTheta(t, s)
		time := drawTime(t, "t")
		if s.dim == 0 {
			return
		}
		f, err := s.Field(theta)
		require.NoError(t, err)
		largest, pmat := 0.0, s.VelocityMatrix()
		for _, x := range theta {
			largest = math.Max(largest, math.Abs(x))
		}
		step := func(k int) float64 {
			e := 1e-5 * math.Max(largest, 1e-2)
			for j, v := range f.flow.Velocities() {
				if p := pmat[j*s.dim+k]; p != 0 {
					e = math.Min(e, math.Abs(v/p)/1000)
				}
			}
			return e
		}
		for i := range 4 {
			x := drawX(t, s, fmt.Sprint("x", i))
			k := rapid.IntRange(0, s.dim-1).Draw(t, fmt.Sprint("k", i))
			phi, dx, grad := f.FlowGrad(nil, x, time)
			if math.IsInf(phi, 0) || math.IsInf(dx, 0) {
				continue
			}
			scale := 0.0
			for _, g := range grad {
				scale = math.Max(scale, math.Abs(g))
			}
			e := step(k)
			if theta[k]+e == theta[k] || theta[k]-e == theta[k] {
				kinks++
				continue
			}
			// at returns φ, ∂φ/∂θ_k, the rounding of φ and θ_k itself, for another θ_k.
			at := func(side float64) (phi, g, noise, theta1 float64) {
				other := slices.Clone(theta)
				other[k] += side * e
				f, err := s.Field(other)
				require.NoError(t, err)
				phi, _, grad := f.FlowGrad(nil, x, time)
				lo, hi := bounds(f, x, time, 0)
				dv := make([]float64, s.cells+1)
				_, _, err = f.AddGradV(dv, x, time, 1)
				require.NoError(t, err)
				noise = hi - lo
				for j, d := range dv {
					noise += 2 * ulp * math.Abs(d*f.flow.Velocities()[j])
				}
				return phi, grad[k], noise, other[k]
			}
			p0, g0, n0, t0 := at(-1)
			p1, g1, n1, t1 := at(1)
			diff := (p1 - p0) / (t1 - t0)
			tol := 2*math.Max(math.Abs(g1-grad[k]), math.Abs(g0-grad[k])) + (n0+n1)/(t1-t0) + 1e-9*scale
			if math.IsInf(p0, 0) || math.IsInf(p1, 0) || math.IsInf(tol, 0) || scale*e > 1e300 {
				continue
			}
			n++
			if tol < 1e-3*scale {
				sharp++
			}
			if !(math.Abs(diff-grad[k]) <= tol) {
				t.Fatalf("∂φ/∂θ[%d](%v) = %v (%v and %v beside), difference quotient %v: off by %.3g, tolerance %.3g", k, x, grad[k], g0, g1, diff, math.Abs(diff-grad[k]), tol)
			}
			worst = math.Max(worst, math.Abs(diff-grad[k])/tol)
		}
	})
	t.Logf("%d gradients, %d of them to better than 1e-3, and %d at kinks; largest error ÷ tolerance: %.3f", n, sharp, kinks, worst)
}

// TestConsistent: all ways to ask for φ, ∂φ/∂x and ∂φ/∂θ give the same bits.
func TestConsistent(t *testing.T) {
	same := func(t *rapid.T, a, b float64) {
		t.Helper()
		if math.Float64bits(a) != math.Float64bits(b) && !(math.IsNaN(a) && math.IsNaN(b)) {
			t.Fatalf("%v ≠ %v", a, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		s := f.space
		time := drawTime(t, "t")
		buf := make([]float64, s.dim+3)
		for i := range 4 {
			x := drawX(t, s, fmt.Sprint("x", i))
			if i == 3 {
				x = rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}).Draw(t, "x")
			}
			phi := f.Flow(x, time)
			phi1, dx1 := f.FlowDx(x, time)
			for k := range buf {
				buf[k] = -7
			}
			phi2, dx2, grad := f.FlowGrad(buf[:0], x, time)
			phi3, dx3, fresh := f.FlowGrad(nil, x, time)
			dv := make([]float64, s.cells+1)
			phi4, dx4, err := f.AddGradV(dv, x, time, 1)
			require.NoError(t, err)
			same(t, phi, phi1)
			same(t, phi, phi2)
			same(t, phi, phi3)
			same(t, phi, phi4)
			same(t, dx1, dx2)
			same(t, dx1, dx3)
			same(t, dx1, dx4)
			require.Len(t, grad, s.dim)
			require.Len(t, fresh, s.dim)
			if s.dim > 0 {
				require.Same(t, &buf[0], &grad[0], "dst has the room and is used")
			}
			pulled := make([]float64, s.dim)
			require.NoError(t, s.PullBack(pulled, dv))
			for k := range grad {
				same(t, fresh[k], grad[k])
				same(t, fresh[k], pulled[k])
			}
			if math.IsNaN(x) { // an element that is lost is no reason to hide it
				for k := range grad {
					require.True(t, math.IsNaN(grad[k]), "∂φ/∂θ[%d](NaN) = %v", k, grad[k])
				}
			}
			require.Equal(t, -7.0, buf[s.dim])
			if f.Velocity(x) == 0 {
				same(t, x, phi)
			}
			if isFinite(x) { // a rounded vertex may hold x back by its own rounding error
				require.InDelta(t, x, f.Flow(x, 0), ulp*math.Max(math.Abs(s.a), math.Max(math.Abs(s.b), math.Abs(x))))
			}
		}
	})
}

// TestBases: the same velocities at the vertices in two bases give the same flow, up
// to what the rounding of the coordinates makes of the velocities, and the gradients
// to θ are related as the bases are: P₁ = P₂M, so ∂φ/∂θ₁ = Mᵀ·∂φ/∂θ₂.
func TestBases(t *testing.T) {
	held, worst := 0, 0.0
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.IntRange(2, 40).Draw(t, "cells")
		boundary := WithBoundary(rapid.SampledFrom([]Boundary{ZeroBoundary, FreeBoundary}).Draw(t, "boundary"))
		a := rapid.Float64Range(-10, 10).Draw(t, "a")
		domain := WithDomain(a, a+math.Pow(10, rapid.Float64Range(-1, 1).Draw(t, "log width")))
		s1, s2 := drawBasis(t, cells, boundary, domain), drawBasis(t, cells, boundary, domain)
		theta1 := drawTheta(t, s1)
		f1, err := s1.Field(theta1)
		require.NoError(t, err)
		theta2, err := s2.Coordinates(f1.VertexVelocities())
		require.NoError(t, err)
		f2, err := s2.Field(theta2)
		require.NoError(t, err)
		size := 0.0
		for _, v := range f1.flow.Velocities() {
			size = math.Max(size, math.Abs(v))
		}
		// The least squares of the coordinates multiply roundings by the condition of
		// P, which is about cells² for the worst of the bases.
		spread := ulp * float64(cells*cells) * 300
		for j := range f1.flow.Velocities() {
			require.InDelta(t, f1.flow.Velocities()[j], f2.flow.Velocities()[j], spread*size)
		}
		pmat := s1.VelocityMatrix()
		m := make([][]float64, s1.dim) // columns of M
		for k := range m {
			column := make([]float64, cells+1)
			for j := range column {
				column[j] = pmat[j*s1.dim+k]
			}
			m[k], err = s2.Coordinates(column)
			require.NoError(t, err)
		}
		for i := range 4 {
			x := drawX(t, s1, fmt.Sprint("x", i))
			if !moving(f1, x, x) || !moving(f2, x, x) {
				continue
			}
			dv1, dv2 := make([]float64, cells+1), make([]float64, cells+1)
			phi1, dx, err := f1.AddGradV(dv1, x, 1, 1)
			require.NoError(t, err)
			phi2, _, err := f2.AddGradV(dv2, x, 1, 1)
			require.NoError(t, err)
			if math.IsInf(phi1, 0) || math.IsInf(phi2, 0) || math.IsInf(dx, 0) {
				continue
			}
			// Where a velocity on the way is no more than its rounding error, one field
			// may let pass what the other holds up.
			from, _, _ := s1.grid.Locate(math.Min(x, math.Min(phi1, phi2)))
			to, _, _ := s1.grid.Locate(math.Max(x, math.Max(phi1, phi2)))
			if slices.ContainsFunc(f1.flow.Velocities()[from:to+2], func(v float64) bool { return v != 0 && math.Abs(v) < 1e6*spread*size }) {
				held++
				continue
			}
			lo1, hi1 := bounds(f1, x, 1, 0)
			lo2, hi2 := bounds(f2, x, 1, 0)
			moved := 0.0
			for j := range dv1 {
				moved += (math.Abs(dv1[j]) + math.Abs(dv2[j])) * math.Abs(f1.flow.Velocities()[j]-f2.flow.Velocities()[j])
			}
			if d := math.Abs(phi1 - phi2); !(d <= moved+(hi1-lo1)+(hi2-lo2)) {
				t.Fatalf("φ(%v) = %v and %v: off by %.3g, tolerance %.3g", x, phi1, phi2, d, moved+(hi1-lo1)+(hi2-lo2))
			}
			_, _, g1 := f1.FlowGrad(nil, x, 1)
			_, _, g2 := f2.FlowGrad(nil, x, 1)
			for k := range g1 {
				sum, tol := 0.0, 0.0
				for l, g := range g2 {
					sum += m[k][l] * g
					tol += spread * math.Abs(m[k][l]*g)
				}
				for j := range dv1 {
					p := math.Abs(pmat[j*s1.dim+k])
					tol += p*math.Abs(dv1[j]-dv2[j]) + spread*s1.scaleOf(k)*math.Abs(dv1[j])
				}
				if !(math.Abs(g1[k]-sum) <= tol) {
					t.Fatalf("∂φ/∂θ[%d](%v) = %v, by the other basis %v, off by %.3g, tolerance %.3g", k, x, g1[k], sum, g1[k]-sum, tol)
				}
				worst = math.Max(worst, math.Abs(g1[k]-sum)/math.Max(tol, math.SmallestNonzeroFloat64))
			}
		}
	})
	t.Logf("%d points left out; largest error ÷ tolerance: %.3f", held, worst)
}

// scaleOf returns the largest velocity of a column of P.
func (s *Space) scaleOf(k int) float64 {
	largest, pmat := 0.0, s.VelocityMatrix()
	for j := 0; j <= s.cells; j++ {
		largest = math.Max(largest, math.Abs(pmat[j*s.dim+k]))
	}
	return largest
}

// TestFloat32: to round x to float32 moves φ by |∂φ/∂x| times as much, the largest
// and the smallest one in between.
func TestFloat32(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		time := drawTime(t, "t")
		for i := range 8 {
			x := drawX(t, f.space, fmt.Sprint("x", i))
			lo, hi := math.Min(x, float64(float32(x))), math.Max(x, float64(float32(x)))
			if s := f.space; s.boundary == ZeroBoundary {
				lo, hi = math.Max(lo, s.a), math.Min(hi, s.b)
			}
			a, b := bounds(f, lo, time, 0)
			c, d := bounds(f, hi, time, 0)
			if !moving(f, lo, hi) || math.IsInf(a, 0) || math.IsInf(d, 0) {
				continue
			}
			least, most := slopes(f, lo, hi, time)
			moved, noise := f.Flow(hi, time)-f.Flow(lo, time), (b-a)+(d-c)
			if !(moved >= (hi-lo)*least*(1-1e-9)-noise && moved <= (hi-lo)*most*(1+1e-9)+noise) {
				t.Fatalf("φ moves by %v from %v to %v, ∂φ/∂x is %v to %v, noise %.3g", moved, lo, hi, least, most, noise)
			}
		}
	})
}

// TestPrior: precision·covariance is the identity, the energy is the precision's
// quadratic form, and its gradient is that of differences (which are exact but for
// rounding, as the energy is quadratic).
func TestPrior(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.IntRange(2, 40).Draw(t, "cells")
		boundary := rapid.SampledFrom([]Boundary{ZeroBoundary, FreeBoundary}).Draw(t, "boundary")
		s := drawBasis(t, cells, WithBoundary(boundary))
		kernel := rapid.SampledFrom([]Kernel{KernelCells, KernelRows}).Draw(t, "kernel")
		length := rapid.Float64Range(0.1, 5).Draw(t, "length")
		scale := rapid.Float64Range(0.1, 5).Draw(t, "scale")
		p, err := NewPrior(s, kernel, length, scale)
		require.NoError(t, err)
		d := p.Dim()
		require.Equal(t, s.dim, d)
		cov, precision := mat.NewDense(d, d, p.Covariance()), mat.NewDense(d, d, p.Precision())
		condition := mat.Cond(cov, 2)
		for i := range d {
			for j := range d {
				require.Equal(t, cov.At(i, j), cov.At(j, i))
				require.Equal(t, precision.At(i, j), precision.At(j, i))
			}
		}
		var product mat.Dense
		product.Mul(precision, cov)
		for i := range d {
			product.Set(i, i, product.At(i, i)-1)
		}
		require.LessOrEqual(t, mat.Norm(&product, 2), 4*float64(d)*ulp*condition, "condition number %.3g", condition)

		theta := drawTheta(t, s)
		energy, err := p.Energy(theta)
		require.NoError(t, err)
		buf := make([]float64, 0, d)
		grad, err := p.EnergyGrad(buf, theta)
		require.NoError(t, err)
		require.Same(t, &buf[:1][0], &grad[0])
		want, size := 0.0, 0.0
		for i, x := range theta {
			for j, y := range theta {
				want += x * precision.At(i, j) * y
				size += math.Abs(x * precision.At(i, j) * y)
			}
		}
		tol := 4 * float64(d) * ulp * size
		require.InDelta(t, want, energy, tol)
		require.GreaterOrEqual(t, energy, -tol)
		for k := range theta {
			e := math.Max(math.Abs(theta[k]), 0.1)
			other, noise := slices.Clone(theta), 0.0
			at := func(x float64) float64 {
				other[k] = x
				for i, x := range other {
					for j, y := range other {
						noise += 4 * float64(d) * ulp * math.Abs(x*precision.At(i, j)*y)
					}
				}
				energy, err := p.Energy(other)
				require.NoError(t, err)
				return energy
			}
			diff := (at(theta[k]+e) - at(theta[k]-e)) / (2 * e)
			require.InDelta(t, grad[k], diff, noise/(2*e), "component %d", k)
		}
	})
}

// TestPriorSamples: mean and covariance of many samples are within six standard
// deviations of theirs.
func TestPriorSamples(t *testing.T) {
	const n = 20000
	for _, boundary := range []Boundary{ZeroBoundary, FreeBoundary} {
		for basis := BasisQR; basis < BasisCustom; basis++ {
			s, err := NewSpace(6, WithBoundary(boundary), WithBasis(basis))
			require.NoError(t, err)
			p, err := NewPrior(s, KernelCells, 3, 2)
			require.NoError(t, err)
			require.Equal(t, p.Sample(3), p.Sample(3))
			require.NotEqual(t, p.Sample(3), p.Sample(4))
			d, cov := p.Dim(), p.Covariance()
			sum, products := make([]float64, d), make([]float64, d*d)
			for seed := range uint64(n) {
				theta := p.Sample(seed)
				for i, x := range theta {
					sum[i] += x
					for j, y := range theta {
						products[i*d+j] += x * y
					}
				}
			}
			for i := range d {
				require.InDelta(t, 0, sum[i]/n, 6*math.Sqrt(cov[i*d+i]/n), "mean %d", i)
				for j := range d {
					deviation := math.Sqrt((cov[i*d+i]*cov[j*d+j] + cov[i*d+j]*cov[i*d+j]) / n)
					require.InDelta(t, cov[i*d+j], products[i*d+j]/n, 6*deviation, "covariance %d,%d", i, j)
				}
			}
		}
	}
}

// TestErrors: every error names the argument and its value.
func TestErrors(t *testing.T) {
	space := func(cells int, opts ...Option) func() error {
		return func() error {
			s, err := NewSpace(cells, opts...)
			if s != nil && err != nil {
				return fmt.Errorf("a space came with the error %w", err)
			}
			return err
		}
	}
	inf, nan := math.Inf(1), math.NaN()
	s, err := NewSpace(4)
	require.NoError(t, err)
	free, err := NewSpace(4, WithBoundary(FreeBoundary), WithBasis(BasisSparse))
	require.NoError(t, err)
	none, err := NewSpace(1)
	require.NoError(t, err)
	f, err := s.Field([]float64{1, 2, 3})
	require.NoError(t, err)
	before := f.VertexVelocities()
	good := s.BasisMatrix()
	bad := func(i int, x float64) []float64 {
		b := slices.Clone(good)
		b[i] = x
		return b
	}
	dependent := slices.Clone(good)
	for i := 0; i < len(dependent); i += 3 {
		dependent[i+1] = 2 * dependent[i]
	}
	prior := func(s *Space, k Kernel, length, scale float64) func() error {
		return func() error { _, err := NewPrior(s, k, length, scale); return err }
	}
	p, err := NewPrior(s, KernelCells, 3, 2)
	require.NoError(t, err)
	field := func(theta ...float64) func() error {
		return func() error { _, err := s.Field(theta); return err }
	}
	for _, c := range []struct {
		name string
		call func() error
		want []string
	}{
		{"no cells", space(0), []string{"cells", "0", "1", "65536"}},
		{"less than none", space(-3), []string{"cells", "-3"}},
		{"too many cells", space(MaxCells + 1), []string{"cells", "65537"}},
		{"nil option", space(3, nil), []string{"nil", "Option"}},
		{"empty domain", space(3, WithDomain(2, 2)), []string{"domain", "[2,2]", "a < b"}},
		{"reversed domain", space(3, WithDomain(2, -1)), []string{"domain", "[2,-1]"}},
		{"NaN in the domain", space(3, WithDomain(nan, 1)), []string{"domain", "[NaN,1]", "finite"}},
		{"NaN as the domain's end", space(3, WithDomain(0, nan)), []string{"domain", "[0,NaN]", "finite"}},
		{"infinite domain", space(3, WithDomain(0, inf)), []string{"domain", "[0,+Inf]", "finite"}},
		{"half-line", space(3, WithDomain(-inf, 0)), []string{"domain", "[-Inf,0]", "finite"}},
		{"width beyond float64", space(3, WithDomain(-1.7e308, 1.7e308)), []string{"domain", "[-1.7e+308,1.7e+308]"}},
		{"narrow domain", space(100, WithDomain(1, 1+3*ulp)), []string{"domain", "[1,1.0000000000000007]", "100 cells"}},
		{"boundary", space(3, WithBoundary(7)), []string{"boundary", "Boundary(7)", "ZeroBoundary"}},
		{"negative boundary", space(3, WithBoundary(-1)), []string{"boundary", "Boundary(-1)"}},
		{"basis", space(3, WithBasis(9)), []string{"basis", "Basis(9)", "BasisQR"}},
		{"negative basis", space(3, WithBasis(-1)), []string{"basis", "Basis(-1)"}},
		{"custom without a matrix", space(4, WithBasis(BasisCustom)), []string{"basis matrix", "0 numbers", "8 × 3"}},
		{"matrix of the wrong size", space(4, WithBasisMatrix(good[1:])), []string{"basis matrix", "23 numbers", "8 × 3"}},
		{"matrix for other ends", space(4, WithBasisMatrix(good), WithBoundary(FreeBoundary)), []string{"basis matrix", "24 numbers", "8 × 5"}},
		{"matrix with NaN", space(4, WithBasisMatrix(bad(7, nan))), []string{"basis matrix", "[2][1]", "NaN"}},
		{"matrix with Inf", space(4, WithBasisMatrix(bad(23, -inf))), []string{"basis matrix", "[7][2]", "-Inf"}},
		{"matrix of a field that jumps", space(4, WithBasisMatrix(bad(7, good[7]+1))), []string{"basis matrix", "column 1", "continuous"}},
		{"matrix that moves the end", space(4, WithBasisMatrix(bad(23, good[23]+0.5))), []string{"basis matrix", "column 2", "zero boundary", "0.5"}},
		{"dependent columns", space(4, WithBasisMatrix(dependent)), []string{"basis matrix", "linearly dependent", "condition number"}},
		{"zero matrix", space(4, WithBasisMatrix(make([]float64, 24))), []string{"basis matrix", "linearly dependent"}},

		{"short theta", field(1, 2), []string{"len(theta) = 2", "3", "4 cells", "zero boundary"}},
		{"no theta", field(), []string{"len(theta) = 0", "3"}},
		{"theta with NaN", field(1, nan, 3), []string{"theta[1]", "NaN", "finite"}},
		{"theta with Inf", field(1, 2, inf), []string{"theta[2]", "+Inf", "finite"}},
		{"Set, long theta", func() error { return f.Set(make([]float64, 4)) }, []string{"len(theta) = 4", "3"}},
		{"Set, nil theta", func() error { return f.Set(nil) }, []string{"len(theta) = 0", "3"}},
		{"Set, Inf", func() error { return f.Set([]float64{-inf, 0, 0}) }, []string{"theta[0]", "-Inf"}},
		{"Set, NaN", func() error { return f.Set([]float64{9, 9, nan}) }, []string{"theta[2]", "NaN"}},
		{"Velocities, length", func() error { _, err := free.Velocities(nil, make([]float64, 4)); return err }, []string{"len(theta) = 4", "5", "free boundary"}},
		{"Velocities, NaN", func() error { _, err := s.Velocities(nil, []float64{nan, 0, 0}); return err }, []string{"theta[0]", "NaN"}},

		{"nil space", prior(nil, KernelCells, 1, 1), []string{"nil Space"}},
		{"prior without parameters", prior(none, KernelCells, 1, 1), []string{"1 cell", "zero boundary", "no parameters"}},
		{"no length scale", prior(s, KernelCells, 0, 1), []string{"length scale", "0", "positive"}},
		{"negative length scale", prior(s, KernelCells, -2, 1), []string{"length scale", "-2"}},
		{"NaN length scale", prior(s, KernelRows, nan, 1), []string{"length scale", "NaN"}},
		{"infinite length scale", prior(s, KernelRows, inf, 1), []string{"length scale", "+Inf"}},
		{"no scale", prior(s, KernelCells, 1, 0), []string{"scale = 0", "positive"}},
		{"negative scale", prior(s, KernelCells, 1, -0.5), []string{"scale = -0.5"}},
		{"NaN scale", prior(s, KernelCells, 1, nan), []string{"scale = NaN"}},
		{"infinite scale", prior(s, KernelCells, 1, inf), []string{"scale = +Inf"}},
		{"kernel", prior(s, 5, 1, 1), []string{"kernel", "Kernel(5)", "KernelCells"}},
		{"singular covariance", prior(s, KernelCells, 1, 1e-200), []string{"length scale 1", "scale 1e-200", "singular"}},
		{"Energy, length", func() error { _, err := p.Energy(make([]float64, 2)); return err }, []string{"len(theta) = 2", "3"}},
		{"EnergyGrad, length", func() error { _, err := p.EnergyGrad(nil, make([]float64, 4)); return err }, []string{"len(theta) = 4", "3"}},

		{"PullBack, dtheta", func() error { return s.PullBack(make([]float64, 2), make([]float64, 5)) }, []string{"len(dtheta) = 2", "3"}},
		{"PullBack, dv", func() error { return s.PullBack(make([]float64, 3), make([]float64, 4)) }, []string{"len(dv) = 4", "5"}},
		{"AddGradV, dv", func() error { _, _, err := f.AddGradV(make([]float64, 4), 0, 1, 1); return err }, []string{"len(dv) = 4", "5"}},
		{"Coordinates, length", func() error { _, err := s.Coordinates(make([]float64, 3)); return err }, []string{"len(v) = 3", "5"}},
		{"Coordinates, NaN", func() error { _, err := s.Coordinates([]float64{0, 0, nan, 0, 0}); return err }, []string{"v[2]", "NaN", "finite"}},
		{"Coordinates, Inf", func() error { _, err := s.Coordinates([]float64{0, 0, 0, 0, -inf}); return err }, []string{"v[4]", "-Inf", "finite"}},

		{"ParseBasis", func() error { _, err := ParseBasis("QR"); return err }, []string{`"QR"`, "qr", "svd", "rref", "sparse", "nodal"}},
		{"ParseBasis, empty", func() error { _, err := ParseBasis(""); return err }, []string{`""`, "qr"}},
		{"ParseBasis, custom", func() error { _, err := ParseBasis("custom"); return err }, []string{`"custom"`, "nodal"}},
	} {
		err := c.call()
		if assert.Error(t, err, c.name) {
			for _, w := range append(c.want, "cpab: ") {
				assert.Contains(t, err.Error(), w, c.name)
			}
		}
	}
	require.Equal(t, before, f.VertexVelocities(), "Set has changed the field in spite of its error")
	for b := BasisQR; b < BasisCustom; b++ {
		got, err := ParseBasis(b.String())
		require.NoError(t, err)
		require.Equal(t, b, got)
	}
	require.Equal(t, "custom", BasisCustom.String())
	require.Equal(t, "zero, free", fmt.Sprintf("%v, %v", ZeroBoundary, FreeBoundary))
	require.Equal(t, "cells, rows, Kernel(-1)", fmt.Sprintf("%v, %v, %v", KernelCells, KernelRows, Kernel(-1)))
}

// TestFarAway: numbers whose offsets in cell widths overflow move as the limit says.
func TestFarAway(t *testing.T) {
	s, err := NewSpace(20, WithBoundary(FreeBoundary))
	require.NoError(t, err)
	theta := make([]float64, s.Dim())
	for k := range theta {
		theta[k] = math.Sin(float64(k))
	}
	f, err := s.Field(theta)
	require.NoError(t, err)
	for _, x := range []float64{1e299, 1.1e300, 1e307, math.MaxFloat64} {
		for _, x := range []float64{x, -x} {
			phi, dphi := f.FlowDx(x, 1)
			if math.IsInf(x*dphi, 0) {
				require.Equal(t, x*dphi, phi)
				continue
			}
			require.InEpsilon(t, x*dphi, phi, 1e-12, "x = %v", x)
			near, _ := f.FlowDx(x/1e200, 1)
			require.InEpsilon(t, near, phi/1e200, 1e-12, "x = %v", x)
		}
	}
}
