package cpab

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// MaxCells is the largest number of cells that NewSpace accepts.
const MaxCells = 1 << 16

// Boundary says what the velocity field does at the ends of the domain.
type Boundary int

const (
	// ZeroBoundary pins V_0 = V_n = 0: the ends of the domain stay fixed and
	// φ maps [a,b] onto itself. d = cells − 1.
	ZeroBoundary Boundary = iota
	// FreeBoundary leaves V_0 and V_n free; the first and the last cell extend
	// affinely to −∞ and +∞. d = cells + 1.
	FreeBoundary
)

// String returns the name of the boundary condition: "zero" or "free".
func (b Boundary) String() string {
	switch b {
	case ZeroBoundary:
		return "zero"
	case FreeBoundary:
		return "free"
	}
	return fmt.Sprintf("Boundary(%d)", int(b))
}

// Space is a finite-dimensional space of continuous piecewise-affine velocity
// fields on [a,b]: a tessellation, a boundary condition and a basis. It is
// immutable.
type Space struct {
	a, b     float64
	cells    int
	boundary Boundary
	basis    Basis

	dim    int
	h      float64   // cell width (b−a)/cells
	n      float64   // cells, as a float
	wLo    float64   // rounding error of b−a, see locate
	vert   []float64 // vertices x_0 … x_n
	bmat   []float64 // B, 2·cells rows × dim columns, on the unit interval
	pmat   []float64 // P·(b−a), (cells+1) rows × dim columns
	custom []float64 // the user's B, for BasisCustom
}

// Option changes a default of NewSpace.
type Option func(*Space)

// WithDomain sets the domain [a,b]; the default is [0,1].
func WithDomain(a, b float64) Option {
	return func(s *Space) { s.a, s.b = a, b }
}

// WithBoundary sets the boundary condition; the default is ZeroBoundary.
func WithBoundary(b Boundary) Option {
	return func(s *Space) { s.boundary = b }
}

// WithBasis sets the basis; the default is BasisQR, as in the authors' code.
func WithBasis(b Basis) Option {
	return func(s *Space) { s.basis = b }
}

// WithBasisMatrix sets a basis of the user's own: the matrix B of the
// literature, row-major, with 2·cells rows and d columns. Row 2c holds the
// slopes and row 2c+1 the intercepts of cell c on the unit interval, v(x) =
// slope·x + intercept. NewSpace reports a B whose columns are no continuous
// fields, or break the boundary condition, or are linearly dependent.
func WithBasisMatrix(b []float64) Option {
	return func(s *Space) {
		s.basis = BasisCustom
		s.custom = append([]float64(nil), b...)
	}
}

// NewSpace returns the space of velocity fields with the given number of cells.
// It reports an error that names the argument when cells is not in
// [1,MaxCells], when the domain is empty or not finite, when an enumeration has
// an unknown value, or when a user's basis matrix is no basis.
func NewSpace(cells int, opts ...Option) (*Space, error) {
	s := &Space{a: 0, b: 1, cells: cells}
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("cpab: nil Option")
		}
		o(s)
	}
	if cells < 1 || cells > MaxCells {
		return nil, fmt.Errorf("cpab: cells = %d, want 1 to %d", cells, MaxCells)
	}
	if !isFinite(s.a) || !isFinite(s.b) || !(s.a < s.b) || !isFinite(s.b-s.a) {
		return nil, fmt.Errorf("cpab: domain [%v,%v], want finite a < b", s.a, s.b)
	}
	switch s.boundary {
	case ZeroBoundary:
		s.dim = cells - 1
	case FreeBoundary:
		s.dim = cells + 1
	default:
		return nil, fmt.Errorf("cpab: boundary = %v, want ZeroBoundary or FreeBoundary", s.boundary)
	}
	s.n = float64(cells)
	s.h = (s.b - s.a) / s.n
	s.wLo = diffError(s.b, s.a)
	s.vert = make([]float64, cells+1)
	for j := range s.vert {
		s.vert[j] = vertex(s.a, s.b, j, cells)
		if j > 0 && !(s.vert[j] > s.vert[j-1]) {
			return nil, fmt.Errorf("cpab: domain [%v,%v] is too narrow for %d cells", s.a, s.b, cells)
		}
	}
	if err := s.makeBasis(); err != nil {
		return nil, err
	}
	return s, nil
}

// vertex returns x_j = a + (b−a)·j/n with both ends exact.
func vertex(a, b float64, j, n int) float64 {
	if j == n {
		return b
	}
	return math.FMA(b-a, float64(j)/float64(n), a)
}

// Dim returns d, the number of parameters θ: cells−1 for ZeroBoundary, cells+1
// for FreeBoundary.
func (s *Space) Dim() int { return s.dim }

// Cells returns the number of cells of the tessellation.
func (s *Space) Cells() int { return s.cells }

// Domain returns the ends of the domain [a,b].
func (s *Space) Domain() (a, b float64) { return s.a, s.b }

// Boundary returns the boundary condition.
func (s *Space) Boundary() Boundary { return s.boundary }

// Basis returns the kind of the basis.
func (s *Space) Basis() Basis { return s.basis }

// Vertices returns a copy of the cells+1 vertices of the tessellation.
func (s *Space) Vertices() []float64 { return append([]float64(nil), s.vert...) }

// BasisMatrix returns a copy of B, row-major with 2·cells rows and Dim columns:
// the slopes (row 2c) and intercepts (row 2c+1) of cell c on the unit interval
// are Bθ.
func (s *Space) BasisMatrix() []float64 { return append([]float64(nil), s.bmat...) }

// VelocityMatrix returns a copy of P, row-major with cells+1 rows and Dim
// columns: the vertex velocities in units of x per unit of time are V = Pθ.
func (s *Space) VelocityMatrix() []float64 { return append([]float64(nil), s.pmat...) }

// Velocities returns the vertex velocities V = Pθ in units of x per unit of
// time. It reports a θ of the wrong length or with a component that is not
// finite.
func (s *Space) Velocities(theta []float64) ([]float64, error) {
	if err := s.checkTheta(theta); err != nil {
		return nil, err
	}
	v := make([]float64, s.cells+1)
	s.velocities(v, theta)
	return v, nil
}

// velocities computes v = Pθ.
func (s *Space) velocities(v, theta []float64) {
	for j := range v {
		v[j] = dot(s.pmat[j*s.dim:(j+1)*s.dim], theta)
	}
}

// Coordinates returns the θ whose field has the vertex velocities v (cells+1
// numbers in units of x per unit of time), or the nearest one in the sense of
// least squares where the boundary condition excludes v.
func (s *Space) Coordinates(v []float64) ([]float64, error) {
	if len(v) != s.cells+1 {
		return nil, fmt.Errorf("cpab: len(v) = %d, want cells+1 = %d", len(v), s.cells+1)
	}
	for j, x := range v {
		if !isFinite(x) {
			return nil, fmt.Errorf("cpab: v[%d] = %v, want a finite number", j, x)
		}
	}
	theta := make([]float64, s.dim)
	if s.dim == 0 {
		return theta, nil
	}
	var sol mat.VecDense
	p := mat.NewDense(s.cells+1, s.dim, s.VelocityMatrix())
	if err := sol.SolveVec(p, mat.NewVecDense(len(v), append([]float64(nil), v...))); err != nil {
		if _, ok := err.(mat.Condition); !ok {
			return nil, fmt.Errorf("cpab: coordinates of v: %w", err)
		}
	}
	copy(theta, sol.RawVector().Data)
	return theta, nil
}

// pullBack adds Pᵀ·dv to dtheta: the chain rule from vertex velocities to θ.
func (s *Space) pullBack(dtheta, dv []float64) {
	for j, g := range dv {
		if g == 0 {
			continue
		}
		row := s.pmat[j*s.dim : (j+1)*s.dim]
		for k, p := range row {
			// An infinite g is for the θ_k that have a say; a NaN is for all.
			if p != 0 || math.IsNaN(g) {
				dtheta[k] += g * p
			}
		}
	}
}

// PullBack adds Pᵀ·dv to dtheta: it turns a gradient with respect to the
// vertex velocities (cells+1 numbers) into one with respect to θ (Dim numbers).
func (s *Space) PullBack(dtheta, dv []float64) error {
	if len(dtheta) != s.dim {
		return fmt.Errorf("cpab: len(dtheta) = %d, want %d", len(dtheta), s.dim)
	}
	if len(dv) != s.cells+1 {
		return fmt.Errorf("cpab: len(dv) = %d, want cells+1 = %d", len(dv), s.cells+1)
	}
	s.pullBack(dtheta, dv)
	return nil
}

func (s *Space) checkTheta(theta []float64) error {
	if len(theta) != s.dim {
		return fmt.Errorf("cpab: len(theta) = %d, want %d (%d cells, %v boundary)", len(theta), s.dim, s.cells, s.boundary)
	}
	for k, x := range theta {
		if !isFinite(x) {
			return fmt.Errorf("cpab: theta[%d] = %v, want a finite number", k, x)
		}
	}
	return nil
}

// locate returns the cell that x lies in and x's place in it: u = (x−x_c)/h and
// r = 1−u, each correct to its own last place, however near x is to a vertex,
// because the vertices are taken as the exact rationals a + (b−a)·j/n. A vertex
// belongs to the cell on its right, b to the last cell; points outside [a,b]
// belong to the end cells, with u < 0 or r < 0.
func (s *Space) locate(x float64) (c int, u, r float64) {
	d := x - s.a
	w := s.b - s.a
	p := d * s.n
	if c = s.cells - 1; p < w*s.n {
		if c = int(p / w); p < 0 || c < 0 {
			c = 0
		} else if c > s.cells-1 {
			c = s.cells - 1
		}
	}
	// (x−a)·n = p + pLo + dLo·n exactly.
	pLo, dLo := math.FMA(d, s.n, -p), diffError(x, s.a)
	from := func(j int) float64 { // ((x−a)·n − j·w)/w in twice the working precision
		f := float64(j)
		q := f * w
		// In pairs that are equal at b, where r is exactly 0. The conversions keep
		// compilers from fusing one product only.
		return ((p - q) + ((pLo - math.FMA(f, w, -q)) + (float64(dLo*s.n) - float64(f*s.wLo)))) / w
	}
	u = from(c)
	for u < 0 && c > 0 {
		c--
		u = from(c)
	}
	r = -from(c + 1)
	for r <= 0 && c < s.cells-1 {
		c++
		u, r = -r, -from(c+1)
	}
	return c, u, r
}

// diffError returns the rounding error of x−y: the exact difference minus the
// float64 x−y (Knuth's TwoSum).
func diffError(x, y float64) float64 {
	d := x - y
	yy := x - d
	return (x - (d + yy)) + (yy - y)
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// dot returns Σ p_k·q_k with compensated products and sums (Ogita, Rump and
// Oishi's Dot2), so that cancellation between large parameters costs nothing.
func dot(p, q []float64) float64 {
	var sum, comp float64
	for k, x := range p {
		prod := x * q[k]
		perr := math.FMA(x, q[k], -prod)
		t := sum + prod
		z := t - sum
		comp += perr + ((sum - (t - z)) + (prod - z))
		sum = t
	}
	return sum + comp
}
