package flow

import "math"

// Field is a velocity field: the velocities V at the vertices of a grid, and what its
// flow needs again and again. Its methods may run beside each other, but for Set.
type Field struct {
	grid  *Grid
	v     []float64 // units of x per unit of time
	cells []cell
}

// cell holds the quantities of one cell that do not depend on where a
// trajectory starts.
type cell struct {
	slope float64 // (V_{c+1} − V_c)/h, 1/time
	// Of a trajectory that crosses the whole cell (both velocities of one
	// sign; otherwise no trajectory does and the fields are not used):
	time        float64 // signed time from x_c to x_{c+1}: ∫ dy/v
	left, right float64 // ∫ N/v² dy over the cell, N the hat of its left and right vertex
}

// NewField returns the field over a grid that is at rest.
func NewField(g *Grid) *Field {
	return &Field{grid: g, v: make([]float64, g.Cells+1), cells: make([]cell, g.Cells)}
}

// Set changes the velocities at the vertices, Cells+1 numbers, without allocating. They
// and the slopes between them are to be finite.
func (f *Field) Set(v []float64) {
	copy(f.v, v)
	for c := range f.cells {
		f.cells[c] = newCell(f.v[c], f.v[c+1], f.grid.Width)
	}
}

func newCell(v0, v1, h float64) cell {
	c := cell{slope: (v1 - v0) / h}
	if sameSign(v0, v1) {
		p := crossing(v0, v1, 0, 1, 1, h, c.slope)
		c.time, c.left, c.right = p.time, p.left, p.right
	}
	return c
}

// Grid returns the grid.
func (f *Field) Grid() *Grid { return f.grid }

// Velocities returns V, which is not to be changed.
func (f *Field) Velocities() []float64 { return f.v }

// Slope returns the slope of the field in a cell, per unit of time.
func (f *Field) Slope(cell int) float64 { return f.cells[cell].slope }

// Velocity returns v(x), in units of x per unit of time. Outside the domain the
// end cells extend affinely. NaN gives NaN.
func (f *Field) Velocity(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	if math.IsInf(x, 0) {
		return f.velocityAtInf(x)
	}
	c, u, r := f.grid.Locate(x)
	return float64(r*f.v[c]) + float64(u*f.v[c+1])
}

// velocityAtInf returns the limit of v at x = ±Inf.
func (f *Field) velocityAtInf(x float64) float64 {
	c, end := 0, 0
	if x > 0 {
		c, end = f.grid.Cells-1, f.grid.Cells
	}
	if s := f.cells[c].slope; s != 0 {
		return s * x
	}
	return f.v[end]
}

func sameSign(a, b float64) bool { return a > 0 && b > 0 || a < 0 && b < 0 }
