package cpab

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
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
	basis := rapid.SampledFrom([]Basis{BasisQR, BasisSVD, BasisRREF, BasisSparse, BasisNodal, BasisCustom}).Draw(t, "basis")
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
			theta[k] *= norm / length
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
		rapid.Map(vert, func(v float64) float64 { return v + s.h*1e-9 }),
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
	from, u, r := s.locate(x)
	to, _, _ := s.locate(phi)
	crossed := math.Abs(float64(to - from))
	place := math.Max(math.Max(math.Abs(s.a), math.Abs(s.b)), math.Max(math.Abs(x), math.Abs(phi)))
	clock := (crossed + 1) * math.Abs(t*f.Velocity(phi))
	start, end = s.h, clock+place+s.h
	if u > 1 || r > 1 {
		vx := math.Abs(f.Velocity(x))
		v := math.Abs(u*f.v[from+1]) + math.Abs(r*f.v[from])
		early := v / math.Abs(f.cells[from].slope)
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
