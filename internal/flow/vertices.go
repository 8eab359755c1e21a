package flow

import (
	"math"
	"math/big"
)

// vertex returns x_j = a + (b−a)·j/n of exact arithmetic, rounded once.
func vertex(a, b float64, j, n int) float64 {
	switch j {
	case 0:
		return a
	case n:
		return b
	}
	// x_j = (a·(n−j) + b·j)/n, in twice the working precision: products and the sum
	// with their rounding errors, the quotient with its remainder.
	left, right, cells := float64(n-j), float64(j), float64(n)
	p, q := float64(a*left), float64(b*right) // not to be fused with the sums
	sum := p + q
	pp := sum - q
	lo := ((p - pp) + (q - (sum - pp))) + (math.FMA(a, left, -p) + math.FMA(b, right, -q))
	x := sum / cells
	lo = (math.FMA(-x, cells, sum) + lo) / cells
	// What is left out is less than 2⁻¹⁰⁰ of the products, unless these are near the
	// limits of float64. If it may decide how x rounds, rational numbers do.
	size := math.Abs(p) + math.Abs(q)
	slack := float64(size / cells * 0x1p-100)
	if below, above := x+(lo-slack), x+(lo+slack); below == above && size > 0x1p-900 && size < 0x1p1000 {
		return below
	}
	return rationalVertex(a, b, j, n)
}

// rationalVertex is vertex in rational numbers, which takes a microsecond.
func rationalVertex(a, b float64, j, n int) float64 {
	var x, y, quotient big.Rat
	x.SetFloat64(a)
	x.Mul(&x, quotient.SetInt64(int64(n-j)))
	y.SetFloat64(b)
	y.Mul(&y, quotient.SetInt64(int64(j)))
	x.Add(&x, &y)
	x.Quo(&x, quotient.SetInt64(int64(n)))
	v, _ := x.Float64()
	return v
}
