package ptx

import (
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/shape"
)

const (
	// Steepest is the slope of a velocity field, per unit of time, from which there is no
	// curve on a GPU, for float32 and float64: it is far from that which numbers overflow at.
	Steepest32 = 80
	Steepest64 = 300
)

// Shape returns what the kernels want to know of a curve beside θ: the numbers of Shape in
// field.cuh, the vertices, and the matrix of a basis that is not of hat functions, column by
// column.
func Shape(c *shape.Curve, double bool) []float64 {
	v, g := c.Variant, c.Grid
	s := []float64{g.A, g.B, g.Width, truth(v.Whole), c.Amplification.Alpha, truth(c.Amplification.Learned), 0, 0, Steepest64,
		gate(v.Below), gate(v.Inside), gate(v.Above), c.Slope, g.A, g.B}
	if !double {
		s[8] = Steepest32
		s[13], s[14] = float64(roundUp(g.A)), -float64(roundUp(-g.B))
	}
	if v.Whole {
		s[9], s[11] = s[10], s[10]
	}
	s = append(s, g.Vertices...)
	switch c.Space.Basis() {
	case cpab.BasisSparse, cpab.BasisNodal, cpab.BasisHat:
		s[6], s[7] = hats(c.Space)
		return s
	}
	p, d := c.Space.VelocityMatrix(), c.Space.Dim()
	for k := range d {
		for j := range g.Vertices {
			s = append(s, p[j*d+k])
		}
	}
	return s
}

// hats returns the height of the hat functions of a basis, and the vertex of the first.
func hats(s *cpab.Space) (height, first float64) {
	theta := make([]float64, s.Dim())
	theta[0] = 1
	v, err := s.Velocities(nil, theta)
	if err != nil {
		panic("ptx: " + err.Error()) // unreachable: the velocities are at most the width of the domain
	}
	if s.Boundary() == cpab.ZeroBoundary {
		first = 1
	}
	return v[int(first)], first
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// gate is the number of a gate in the kernels.
func gate(g shape.Gate) float64 {
	switch g {
	case shape.Normal:
		return 1
	case shape.Side:
		return 2
	}
	return 0
}

// roundUp returns the least float32 that is not less than x.
func roundUp(x float64) float32 {
	f := float32(x)
	if float64(f) < x {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}
