package shape

import (
	"math"
	"sync"
)

// normalTable holds Φ and Φ′ at the nodes k/normalNodes, |x| ≤ normalReach.
var normalTable = sync.OnceValue(func() [][2]float64 {
	t := make([][2]float64, 2*normalReach*normalNodes+1)
	for i := range t {
		x := float64(i)/normalNodes - normalReach
		t[i] = [2]float64{normalCDF(x), normalPDF(x)}
	}
	return t
})

const (
	normalReach = 8
	normalNodes = 64 // per unit of x
)

// normal returns Φ(x) and Φ′(x) with an absolute error below 1e-14, in a fraction
// of the time of normalCDF and normalPDF: by Taylor's series about the nearest
// node c, whose terms are Φ^(k+1)(c) = (−1)^k·He_k(c)·Φ′(c) with the Hermite
// polynomials He_k.
func normal(x float64) (cdf, pdf float64) {
	if !(math.Abs(x) < normalReach) {
		return normalCDF(x), normalPDF(x)
	}
	i := int((x+normalReach)*normalNodes + 0.5)
	c := float64(i)*(1.0/normalNodes) - normalReach
	node := &normalTable()[i]
	d := x - c
	c2 := c * c
	he2, he3, he4, he5 := c2-1, c*(c2-3), c2*(c2-6)+3, c*(c2*(c2-10)+15)
	cdf = 1 - d*(c*(1./2)-d*(he2*(1./6)-d*(he3*(1./24)-d*(he4*(1./120)-d*he5*(1./720)))))
	pdf = 1 - d*(c-d*(he2*(1./2)-d*(he3*(1./6)-d*(he4*(1./24)-d*he5*(1./120)))))
	return node[0] + node[1]*d*cdf, node[1] * pdf
}

// normalCDF returns Φ(x) with full relative precision in the lower tail.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// normalPDF returns Φ′(x) = e^{−x²/2}/√(2π).
func normalPDF(x float64) float64 {
	const invSqrt2Pi = 0.39894228040143267793994605993438186847585863116493
	return invSqrt2Pi * math.Exp(-0.5*x*x)
}
