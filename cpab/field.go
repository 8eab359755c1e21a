package cpab

import "math"

// Field is one velocity field of a Space: the vertex velocities V = Pθ of one θ
// and what its flow needs again and again.
type Field struct {
	space *Space
	v     []float64 // vertex velocities, units of x per unit of time
	next  []float64 // those of Set, until they are known to be good
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

// Field returns the velocity field with parameters theta (Dim numbers). It reports
// what [Space.Velocities] does.
func (s *Space) Field(theta []float64) (*Field, error) {
	f := &Field{space: s, v: make([]float64, s.cells+1), next: make([]float64, s.cells+1), cells: make([]cell, s.cells)}
	if err := f.Set(theta); err != nil {
		return nil, err
	}
	return f, nil
}

// Set changes the field's parameters without allocating. On error the field
// keeps the parameters it had.
func (f *Field) Set(theta []float64) error {
	if err := f.space.checkTheta(theta); err != nil {
		return err
	}
	if err := f.space.velocities(f.next, theta); err != nil {
		return err
	}
	f.v, f.next = f.next, f.v
	for c := range f.cells {
		f.cells[c] = newCell(f.v[c], f.v[c+1], f.space.h)
	}
	return nil
}

func newCell(v0, v1, h float64) cell {
	c := cell{slope: (v1 - v0) / h}
	if sameSign(v0, v1) {
		p := crossing(v0, v1, 0, 1, 1, h, c.slope)
		c.time, c.left, c.right = p.time, p.left, p.right
	}
	return c
}

// Space returns the space that the field belongs to.
func (f *Field) Space() *Space { return f.space }

// VertexVelocities returns a copy of V_0 … V_n in units of x per unit of time.
func (f *Field) VertexVelocities() []float64 { return append([]float64(nil), f.v...) }

// Velocity returns v(x), in units of x per unit of time. Outside the domain the
// end cells extend affinely. NaN gives NaN.
func (f *Field) Velocity(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	if math.IsInf(x, 0) {
		return f.velocityAtInf(x)
	}
	c, u, r := f.space.locate(x)
	return float64(r*f.v[c]) + float64(u*f.v[c+1])
}

// velocityAtInf returns the limit of v at x = ±Inf.
func (f *Field) velocityAtInf(x float64) float64 {
	c, end := 0, 0
	if x > 0 {
		c, end = f.space.cells-1, f.space.cells
	}
	if s := f.cells[c].slope; s != 0 {
		return s * x
	}
	return f.v[end]
}

func sameSign(a, b float64) bool { return a > 0 && b > 0 || a < 0 && b < 0 }
