package cpab

import (
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/internal/flow"
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
	n      float64 // cells, as a float
	grid   *flow.Grid
	bmat   []float64   // B, 2·cells rows × dim columns, on the unit interval; nil for hat functions
	unit   velocityMap // P on the unit interval
	p      velocityMap // P·(b−a)
	custom []float64   // the user's B, for BasisCustom
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
// [1,MaxCells] (or [1,MaxDenseCells] for the bases that need a matrix), when the
// domain is empty, not within ±1e300 or too narrow for its cells, when an enumeration
// has an unknown value, or when a user's basis matrix is no basis.
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
	var err error
	if s.grid, err = flow.NewGrid(s.a, s.b, cells); err != nil {
		return nil, fmt.Errorf("cpab: %w", err)
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
	if err := s.makeBasis(); err != nil {
		return nil, err
	}
	return s, nil
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
func (s *Space) Vertices() []float64 { return slices.Clone(s.grid.Vertices) }

// BasisMatrix returns a copy of B, row-major with 2·cells rows and Dim columns:
// the slopes (row 2c) and intercepts (row 2c+1) of cell c on the unit interval
// are Bθ. Its 16·cells·Dim bytes are made for the call where the basis needs no
// matrix; see [MaxDenseCells].
func (s *Space) BasisMatrix() []float64 {
	if s.bmat == nil {
		return s.cellRows(s.unit.matrix())
	}
	return append([]float64(nil), s.bmat...)
}

// VelocityMatrix returns a copy of P, row-major with cells+1 rows and Dim
// columns: the vertex velocities in units of x per unit of time are V = Pθ. It
// takes about half the memory of BasisMatrix.
func (s *Space) VelocityMatrix() []float64 { return s.p.matrix() }

// Velocities returns the vertex velocities V = Pθ in units of x per unit of time. They
// are written to dst when dst has the capacity, as append would, else to a new slice. It
// reports a θ of the wrong length, with a component that is not finite, or so large that
// a velocity, or a slope of the field, is beyond float64.
func (s *Space) Velocities(dst, theta []float64) ([]float64, error) {
	if err := s.checkTheta(theta); err != nil {
		return nil, err
	}
	dst = sized(dst, s.cells+1)
	if err := s.velocities(dst, theta); err != nil {
		return nil, err
	}
	return dst, nil
}

// sized returns dst with length n, in its own memory if that has the capacity.
func sized(dst []float64, n int) []float64 {
	if cap(dst) < n {
		return make([]float64, n)
	}
	return dst[:n]
}

// velocities computes v = Pθ. It reports velocities, or slopes between them, that are
// beyond float64.
func (s *Space) velocities(v, theta []float64) error {
	s.p.apply(v, theta)
	for j, x := range v {
		if !isFinite(x) {
			return fmt.Errorf("cpab: %v: the velocity at vertex %d is beyond float64", largest(theta), j)
		}
		if j > 0 && !isFinite((x-v[j-1])/s.grid.Width) {
			return fmt.Errorf("cpab: %v: the slope between vertices %d and %d is beyond float64", largest(theta), j-1, j)
		}
	}
	return nil
}

// largest names the largest component of theta.
func largest(theta []float64) string {
	most := 0
	for k, x := range theta {
		if math.Abs(x) > math.Abs(theta[most]) {
			most = k
		}
	}
	return fmt.Sprintf("theta[%d] = %v", most, theta[most])
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
	return s.p.solve(v)
}

// PullBack adds Pᵀ·dv to dtheta: it turns a gradient with respect to the
// vertex velocities (cells+1 numbers) into one with respect to θ (Dim numbers).
func (s *Space) PullBack(dtheta, dv []float64) error {
	if len(dtheta) != s.dim {
		return fmt.Errorf("cpab: len(dtheta) = %d, want %d", len(dtheta), s.dim)
	}
	if err := s.checkGradV(dv); err != nil {
		return err
	}
	s.p.pullBack(dtheta, dv)
	return nil
}

// checkGradV reports a gradient to the vertex velocities of the wrong length.
func (s *Space) checkGradV(dv []float64) error {
	if len(dv) != s.cells+1 {
		return fmt.Errorf("cpab: len(dv) = %d, want cells+1 = %d", len(dv), s.cells+1)
	}
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

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// dot returns Σ p_k·q_k with compensated products and sums (Ogita, Rump and
// Oishi's Dot2), so that cancellation between large parameters costs nothing.
func dot(p, q []float64) float64 {
	var sum, comp float64
	for k, x := range p {
		prod := float64(x * q[k]) // not to be fused with the sum
		perr := math.FMA(x, q[k], -prod)
		t := sum + prod
		z := t - sum
		comp += perr + ((sum - (t - z)) + (prod - z))
		sum = t
	}
	return sum + comp
}
