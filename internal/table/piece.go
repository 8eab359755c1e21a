package table

import (
	"math"

	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/shape"
)

// piece is an interval on which y is interpolated, by the polynomial in
// σ = (x − from)/(to − from) of fifth degree that has the curve's values, slopes and
// second derivatives at both ends. Its derivative interpolates y′.
type piece struct {
	from, to float64
	inv      float64 // 1/(to − from)
	first    float32 // the least float32 in it
	smooth   int32   // index of the smooth interval it lies in
	wild     bool    // left to the exact evaluation
	value    poly
}

// polynomial returns the polynomial in τ, as elements evaluate it.
func (p *piece) polynomial() kernel.Piece {
	if p.wild {
		return kernel.NaNPiece
	}
	center, perUnit := p.tau()
	q := p.value.moved(p.sigma(center, perUnit))
	return kernel.Piece{float32(q[0]), float32(q[1]), float32(q[2]), float32(q[3]), float32(q[4]), float32(q[5]), center, perUnit}
}

// tau returns the numbers that define τ = (x − center)·perUnit, which float32 holds
// exactly.
func (p *piece) tau() (center, perUnit float32) {
	return float32(p.from + (p.to-p.from)/2), float32(p.inv)
}

// sigma returns σ as a function of τ: σ = shift + width·τ.
func (p *piece) sigma(center, perUnit float32) (shift, width float64) {
	return (float64(center) - p.from) * p.inv, p.inv / float64(perUnit)
}

// poly is a polynomial, its constant term first.
type poly [6]float64

// hermite returns the polynomial between two points.
func hermite(a, b *shape.Jet) poly {
	l := b.X - a.X
	c0, c1, c2 := a.Y, l*a.D1, l*l*a.D2/2
	// What the higher terms add to value, slope and second derivative at σ = 1.
	r0, r1, r2 := b.Y-(c0+c1+c2), l*b.D1-(c1+2*c2), l*l*b.D2-2*c2
	return poly{c0, c1, c2, 10*r0 - 4*r1 + r2/2, -15*r0 + 7*r1 - r2, 6*r0 - 3*r1 + r2/2}
}

// moved returns p as a polynomial in τ, where σ = shift + width·τ: Taylor's shift by
// Horner's scheme, round by round.
func (p *poly) moved(shift, width float64) poly {
	q0, q1, q2, q3, q4, q5 := p[0], p[1], p[2], p[3], p[4], p[5]
	q4 += shift * q5
	q3 += shift * q4
	q2 += shift * q3
	q1 += shift * q2
	q0 += shift * q1
	q4 += shift * q5
	q3 += shift * q4
	q2 += shift * q3
	q1 += shift * q2
	q4 += shift * q5
	q3 += shift * q4
	q2 += shift * q3
	q4 += shift * q5
	q3 += shift * q4
	q4 += shift * q5
	w2 := width * width
	w3 := w2 * width
	return poly{q0, q1 * width, q2 * w2, q3 * w3, q4 * w2 * w2, q5 * w3 * w2}
}

// interpolationError returns estimates of the largest errors of p for y and y′
// between two points. For a y of sixth degree, whose error is
// y⁽⁶⁾/720·(x−a)³(x−b)³, they are exact: the third derivatives at the ends, which
// p does not use, differ by y⁽⁶⁾/120·length³ then, and the largest errors are
// y⁽⁶⁾·length⁶/46080 and y⁽⁶⁾·length⁵/13415. For others they are what the wilder
// end says.
func (p *poly) interpolationError(a, b *shape.Jet) (value, slope float64) {
	l := b.X - a.X
	l3 := l * l * l
	miss := math.Max(math.Abs(l3*a.D3-6*p[3]), math.Abs(l3*b.D3-(6*p[3]+24*p[4]+60*p[5])))
	return miss * (120. / 46080), miss * (120. / 13415) / l
}

// steep returns how many times the tolerance y′ may be off on the whole piece: its
// smallest size there, or 1 if that is less.
func (p *piece) steep() float64 {
	from, middle, to := p.slopeAt(0), p.slopeAt(0.5), p.slopeAt(1)
	if from*to <= 0 || from*middle <= 0 {
		return 1
	}
	return math.Max(1, math.Min(math.Abs(middle), math.Min(math.Abs(from), math.Abs(to))))
}

// y returns the interpolant's value at x.
func (p *piece) y(x float64) float64 {
	s, c := (x-p.from)*p.inv, &p.value
	return c[0] + s*(c[1]+s*(c[2]+s*(c[3]+s*(c[4]+s*c[5]))))
}

// slope returns its derivative at x.
func (p *piece) slope(x float64) float64 { return p.slopeAt((x - p.from) * p.inv) }

// slopeAt, secondAt and thirdAt return its first three derivatives where σ = s.
func (p *piece) slopeAt(s float64) float64 {
	c := &p.value
	return (c[1] + s*(2*c[2]+s*(3*c[3]+s*(4*c[4]+s*5*c[5])))) * p.inv
}

func (p *piece) secondAt(s float64) float64 {
	c := &p.value
	return (2*c[2] + s*(6*c[3]+s*(12*c[4]+s*20*c[5]))) * p.inv * p.inv
}

func (p *piece) thirdAt(s float64) float64 {
	c := &p.value
	return (6*c[3] + s*(24*c[4]+s*60*c[5])) * p.inv * p.inv * p.inv
}

// maxSecond returns a bound of |y″|.
func (p *piece) maxSecond() float64 {
	c := &p.value
	return (2*math.Abs(c[2]) + 6*math.Abs(c[3]) + 12*math.Abs(c[4]) + 20*math.Abs(c[5])) * p.inv * p.inv
}

// maxThird returns the largest |y‴|: at an end, or where its derivative is 0.
func (p *piece) maxThird() float64 {
	most := math.Max(math.Abs(p.thirdAt(0)), math.Abs(p.thirdAt(1)))
	if s := -p.value[4] / (5 * p.value[5]); s > 0 && s < 1 {
		most = math.Max(most, math.Abs(p.thirdAt(s)))
	}
	return most
}
