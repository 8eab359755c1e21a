package flow

import (
	"fmt"
	"math"
)

// Grid is a tessellation: the domain [A,B] cut into equal cells. Its fields are not to
// be changed.
type Grid struct {
	A, B     float64
	Cells    int
	Width    float64   // of a cell, (B−A)/Cells
	Vertices []float64 // x_0 … x_Cells, each the float64 nearest to the exact one

	n   float64 // Cells, as a float
	wLo float64 // rounding error of B−A, see Locate
}

const (
	// farAway is where offsets in cell widths may overflow.
	farAway = 1e300

	// narrowest is the width of a domain from which quotients by the width of a cell keep
	// their digits.
	narrowest = 1e-300
)

// NewGrid returns the tessellation of [a,b]. It reports a domain that is no interval, one
// with which products of what is computed overflow, and one with no numbers between its
// vertices.
func NewGrid(a, b float64, cells int) (*Grid, error) {
	switch {
	case !isFinite(a) || !isFinite(b) || !(a < b):
		return nil, fmt.Errorf("domain [%v,%v], want finite a < b", a, b)
	case math.Max(-a, b) > farAway || math.Min(-a, b) < -farAway:
		return nil, fmt.Errorf("domain [%v,%v], want it within ±%v", a, b, farAway)
	case b-a < narrowest:
		return nil, fmt.Errorf("domain [%v,%v] is narrower than %v", a, b, narrowest)
	}
	n := float64(cells)
	g := &Grid{A: a, B: b, Cells: cells, Width: (b - a) / n, Vertices: make([]float64, cells+1), n: n, wLo: diffError(b, a)}
	for j := range g.Vertices {
		g.Vertices[j] = vertex(a, b, j, cells)
		if j > 0 && !(g.Vertices[j] > g.Vertices[j-1]) {
			return nil, fmt.Errorf("domain [%v,%v] is too narrow for %d cells", a, b, cells)
		}
	}
	return g, nil
}

// Outside reports whether x is a number outside the domain.
func (g *Grid) Outside(x float64) bool { return x < g.A || x > g.B }

// Locate returns the cell that x lies in and x's place in it: u = (x−x_c)/h and
// r = 1−u, each correct to its own last place, however near x is to a vertex,
// because the vertices are taken as the exact rationals a + (b−a)·j/n. An x that is
// such a number rounded to float64, and so a vertex to all others, is at the vertex.
// A vertex belongs to the cell on its right, b to the last cell; points outside
// [a,b] belong to the end cells, with u < 0 or r < 0.
func (g *Grid) Locate(x float64) (c int, u, r float64) {
	d := x - g.A
	w := g.B - g.A
	p := float64(d * g.n) // the conversions here keep compilers from fusing one product only
	if c = g.Cells - 1; p < w*g.n {
		if c = int(p / w); p < 0 || c < 0 {
			c = 0
		} else if c > g.Cells-1 {
			c = g.Cells - 1
		}
	}
	// (x−a)·n = p + pLo + dLo·n exactly.
	pLo, dLo := math.FMA(d, g.n, -p), diffError(x, g.A)
	from := func(j int) float64 { // ((x−a)·n − j·w)/w in twice the working precision
		f := float64(j)
		q := float64(f * w)
		// In pairs that are equal at b, where r is exactly 0. The conversions keep
		// compilers from fusing one product only.
		return ((p - q) + ((pLo - math.FMA(f, w, -q)) + (float64(dLo*g.n) - float64(f*g.wLo)))) / w
	}
	for c > 0 && x < g.Vertices[c] {
		c--
	}
	for c < g.Cells-1 && x >= g.Vertices[c+1] {
		c++
	}
	if x == g.Vertices[c] {
		return c, 0, 1
	}
	return c, from(c), -from(c + 1)
}

// diffError returns the rounding error of x−y: the exact difference minus the
// float64 x−y (Knuth's TwoSum).
func diffError(x, y float64) float64 {
	d := x - y
	yy := x - d
	return (x - (d + yy)) + (yy - y)
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
