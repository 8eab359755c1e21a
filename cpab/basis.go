package cpab

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"
)

// Basis names the coordinates θ of a velocity field. The span is the same for
// all of them; they differ in what one coordinate does, and so in how an
// optimiser such as Adam moves through the space.
type Basis int

const (
	// BasisQR is the orthonormal null space of the constraints of continuity
	// (and of the boundary) by a pivoted QR factorisation; the default
	// of NewSpace, as of the authors' code.
	BasisQR Basis = iota
	// BasisSVD is the orthonormal null space by singular value decomposition.
	BasisSVD
	// BasisRREF is the null space by reduced row echelon form: coordinate k is
	// a field that rises from the left end to vertex k and vanishes beyond
	// vertex k+1.
	BasisRREF
	// BasisSparse has one hat function per vertex, with slopes of ±1:
	// V_j = θ_j·h, h the cell width.
	BasisSparse
	// BasisNodal has one hat function per vertex of height 1: θ are the vertex
	// velocities, in domain widths per unit of time.
	BasisNodal
	// BasisHat has one hat function per vertex, with slopes of ±HatSlope, and is the
	// default of package ditacop: it is BasisSparse with θ in the size that suits the
	// optimiser of the weights. The height of a hat falls with the width of its cells,
	// so that a step of θ changes the slopes of the field, and so those of φ, by as much
	// for any number of cells, and a wide band of learning rates works. With hats of
	// height 1 (BasisNodal) the same step bends a narrow cell more than a wide one.
	BasisHat
	// BasisBump has a bump per free vertex, a hat with slopes of ±BumpSlope that is smoothed
	// twice: V = BumpSlope·h·S²θ, h the cell width, where (SV)_j = (V_{j−1} + 4V_j +
	// V_{j+1})/6, of vertices beyond the free ones 0. Neighbours move together, and θ in
	// zigzag move the vertices 9 times less than hats would: an optimiser finds smoother
	// fields, of the same span. It is made for ditacop.VariantAmplified with a large
	// amplification, which a small slope suits.
	BasisBump
	// BasisCustom is a matrix of the user's own; see [WithBasisMatrix].
	BasisCustom
)

var basisNames = [...]string{"qr", "svd", "rref", "sparse", "nodal", "hat", "bump", "custom"}

// String returns the name of the basis in lower case, such as "qr".
func (b Basis) String() string {
	if b < 0 || int(b) >= len(basisNames) {
		return fmt.Sprintf("Basis(%d)", int(b))
	}
	return basisNames[b]
}

// ParseBasis returns the basis with the given name: qr, svd, rref, sparse, nodal,
// hat or bump.
func ParseBasis(name string) (Basis, error) {
	for b := BasisQR; b < BasisCustom; b++ {
		if name == basisNames[b] {
			return b, nil
		}
	}
	return 0, fmt.Errorf("cpab: basis %q, want one of %v", name, basisNames[:BasisCustom])
}

// ofLiterature reports whether a basis is one of the existing implementations', whose prior
// takes B for its pseudo-inverse; see [Kernel].
func (b Basis) ofLiterature() bool { return b <= BasisSparse }

// HatSlope is the slope of the hat functions of [BasisHat], that of the field per unit of
// θ: V_j = HatSlope·h·θ_j, h = (b−a)/cells the cell width.
const HatSlope = 2

// BumpSlope is the slope of the hats that [BasisBump] smooths.
const BumpSlope = 0.5

// hatHeight returns the height of the hat functions on the unit interval, or false for
// a basis of other functions.
func (s *Space) hatHeight() (height float64, ok bool) {
	switch s.basis {
	case BasisSparse:
		return 1 / s.n, true
	case BasisNodal:
		return 1, true
	case BasisHat:
		return HatSlope / s.n, true
	}
	return 0, false
}

// makeBasis fills unit, p and bmat.
func (s *Space) makeBasis() error {
	if height, ok := s.hatHeight(); ok {
		s.unit = s.hats(height)
	} else if err := s.makeDense(); err != nil {
		return err
	}
	s.p = s.unit.times(s.b - s.a)
	return nil
}

// MaxDenseCells is the largest number of cells of the bases that need a matrix:
// BasisQR, BasisSVD, BasisRREF, BasisBump and BasisCustom. To make one with so many takes up to
// two seconds, and time and memory grow with the third and second power of the cells.
// BasisSparse, BasisNodal and BasisHat go to [MaxCells].
const MaxDenseCells = 512

// makeDense fills unit and bmat for a basis that needs a matrix.
func (s *Space) makeDense() error {
	if s.basis < BasisQR || s.basis > BasisCustom {
		return fmt.Errorf("cpab: basis = %v, want BasisQR, BasisSVD, BasisRREF, BasisSparse, BasisNodal, BasisHat, BasisBump or a matrix", s.basis)
	}
	if s.cells > MaxDenseCells {
		return fmt.Errorf("cpab: cells = %d with basis %v, want at most %d: only sparse, nodal and hat, which need no matrix, go to %d",
			s.cells, s.basis, MaxDenseCells, MaxCells)
	}
	switch s.basis {
	case BasisRREF:
		s.setVertices(s.echelon())
		return nil
	case BasisBump:
		s.setVertices(s.bumps())
		return nil
	case BasisQR:
		s.bmat = nullSpaceQR(s.constraints(), 2*s.cells, s.dim)
	case BasisSVD:
		s.bmat = nullSpaceSVD(s.constraints(), 2*s.cells, s.dim)
	case BasisCustom:
		if err := s.checkCustom(); err != nil {
			return err
		}
		s.bmat = s.custom
	}
	s.unit = s.denseMap(s.vertexRows(s.bmat))
	return nil
}

// setVertices fills unit and bmat for a basis that is given by P.
func (s *Space) setVertices(p []float64) { s.unit, s.bmat = s.denseMap(p), s.cellRows(p) }

// echelon returns P of the reduced-row-echelon basis. Its coordinate for the
// inner vertex k rises with slope 1/k from 0 at the left end and falls with
// slope −1 to 0 at vertex k+1; free ends add the hats of both ends and the
// field that rises over the whole domain.
func (s *Space) echelon() []float64 {
	n, d, h := s.cells, s.dim, 1/s.n
	p := make([]float64, (n+1)*d)
	set := func(k int, v func(j int) float64) {
		for j := 0; j <= n; j++ {
			p[j*d+k] = v(j)
		}
	}
	ramp := func(k int) func(int) float64 {
		return func(j int) float64 {
			if j > k {
				return 0
			}
			return h * float64(j) / float64(k)
		}
	}
	if s.boundary == ZeroBoundary {
		for k := range d {
			set(k, ramp(k+1))
		}
		return p
	}
	if n == 1 {
		set(0, func(j int) float64 { return 1 + float64(j) })
		set(1, func(j int) float64 { return float64(j) })
		return p
	}
	set(0, func(j int) float64 {
		if j == 0 {
			return h
		}
		return 0
	})
	for k := 1; k <= n-2; k++ {
		set(k, ramp(k))
	}
	set(n-1, func(j int) float64 { return h * float64(j) * h })
	set(n, func(j int) float64 {
		if j == n {
			return h
		}
		return 0
	})
	return p
}

// bumps returns P of BasisBump.
func (s *Space) bumps() []float64 {
	d := s.dim
	m := make([]float64, d*d) // of the free vertices
	for k := range d {
		m[k*d+k] = BumpSlope / s.n
	}
	for range 2 {
		smooth := make([]float64, d*d)
		for j := range d {
			for k := range d {
				sum := 4 * m[j*d+k]
				if j > 0 {
					sum += m[(j-1)*d+k]
				}
				if j+1 < d {
					sum += m[(j+1)*d+k]
				}
				smooth[j*d+k] = sum / 6
			}
		}
		m = smooth
	}
	if s.boundary == FreeBoundary {
		return m
	}
	p := make([]float64, (s.cells+1)*d)
	copy(p[d:], m)
	return p
}

// constraints returns the rows of L: a vector A of slopes and intercepts per
// cell is a continuous field (and meets the boundary condition) when LA = 0.
func (s *Space) constraints() []float64 {
	cols := 2 * s.cells
	var l []float64
	row := func(cell int, coef ...float64) {
		r := make([]float64, cols)
		copy(r[2*cell:], coef)
		l = append(l, r...)
	}
	for j := 1; j < s.cells; j++ {
		x := float64(j) / s.n
		row(j-1, x, 1, -x, -1)
	}
	if s.boundary == ZeroBoundary {
		row(0, 0, -1)
		row(s.cells-1, -1, -1)
	}
	return l
}

// nullSpaceSVD returns an orthonormal basis (cols×dim, row-major) of the null
// space of l (rows×cols): the right singular vectors of its zero singular
// values.
func nullSpaceSVD(l []float64, cols, dim int) []float64 {
	rows := len(l) / cols
	var svd mat.SVD
	if rows == 0 || !svd.Factorize(mat.NewDense(rows, cols, l), mat.SVDFullV) {
		return nullSpaceQR(l, cols, dim)
	}
	var v mat.Dense
	svd.VTo(&v)
	b := make([]float64, cols*dim)
	for i := range cols {
		copy(b[i*dim:(i+1)*dim], v.RawRowView(i)[cols-dim:])
	}
	return b
}

// nullSpaceQR returns an orthonormal basis of the null space of l: the last dim
// columns of Q in lᵀΠ = QR with column pivoting. Up to 16 cells the columns are
// those of scipy.linalg.qr, so θ saved by the authors' code keep their meaning.
func nullSpaceQR(l []float64, cols, dim int) []float64 {
	rows := len(l) / cols
	b := make([]float64, cols*dim)
	if rows == 0 { // one cell with free ends: any slope and intercept will do
		for k := range dim {
			b[k*dim+k] = 1
		}
		return b
	}
	q := make([]float64, cols*cols) // lᵀ in the first rows columns, then Q
	for i := range rows {
		for j := range cols {
			q[j*cols+i] = l[i*cols+j]
		}
	}
	jpvt := make([]int, rows)
	for i := range jpvt {
		jpvt[i] = -1 // a free column, in LAPACK's 0-based convention
	}
	var impl gonum.Implementation
	tau := make([]float64, rows)
	work := make([]float64, 64*cols)
	impl.Dgeqp3(cols, rows, q, cols, jpvt, tau, work, len(work))
	// With the least work space, and so column by column: block by block, gonum's Dorgqr
	// gives a Q that is off by 1e-2 for 200 cells.
	impl.Dorgqr(cols, cols, rows, q, cols, tau, work, cols)
	for i := range cols {
		copy(b[i*dim:(i+1)*dim], q[i*cols+cols-dim:(i+1)*cols])
	}
	return b
}

// vertexRows returns P of a basis given by B. An inner vertex takes the mean of
// what its two cells say, which halves the rounding error of B.
func (s *Space) vertexRows(b []float64) []float64 {
	d := s.dim
	p := make([]float64, (s.cells+1)*d)
	at := func(c, k int, x float64) float64 { return math.FMA(b[2*c*d+k], x, b[(2*c+1)*d+k]) }
	for j := 0; j <= s.cells; j++ {
		x := float64(j) / s.n
		for k := range d {
			switch {
			case s.boundary == ZeroBoundary && (j == 0 || j == s.cells):
				// exactly at rest
			case j == 0:
				p[k] = at(0, k, x)
			case j == s.cells:
				p[j*d+k] = at(j-1, k, x)
			default:
				p[j*d+k] = (at(j-1, k, x) + at(j, k, x)) / 2
			}
		}
	}
	return p
}

// cellRows returns B of a basis given by P: slope and intercept of each cell.
func (s *Space) cellRows(p []float64) []float64 {
	d := s.dim
	b := make([]float64, 2*s.cells*d)
	for c := range s.cells {
		for k := range d {
			v0, v1 := p[c*d+k], p[(c+1)*d+k]
			b[2*c*d+k] = (v1 - v0) * s.n
			b[(2*c+1)*d+k] = float64(v0*float64(c+1)) - float64(v1*float64(c))
		}
	}
	return b
}

// checkCustom reports a user's B that is no basis of the space.
func (s *Space) checkCustom() error {
	rows, d := 2*s.cells, s.dim
	if len(s.custom) != rows*d {
		return fmt.Errorf("cpab: basis matrix has %d numbers, want 2·cells × d = %d × %d", len(s.custom), rows, d)
	}
	for i, x := range s.custom {
		if !isFinite(x) {
			return fmt.Errorf("cpab: basis matrix[%d][%d] = %v, want a finite number", i/d, i%d, x)
		}
	}
	if d == 0 {
		return nil
	}
	scale := mat.Norm(mat.NewDense(rows, d, s.custom), math.Inf(1))
	// A float32 matrix, such as one read from the authors' code, is good to
	// 1e-7 of its size; anything worse is no rounding error.
	tol := 1e-6 * scale
	l := s.constraints()
	for i := 0; i*rows < len(l); i++ {
		for k := range d {
			sum := 0.0
			for j := range rows {
				sum += float64(l[i*rows+j] * s.custom[j*d+k])
			}
			if math.Abs(sum) > tol {
				return fmt.Errorf("cpab: basis matrix: column %d misses constraint %d by %.6g: it is not continuous or breaks the %v boundary", k, i, sum, s.boundary)
			}
		}
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(rows, d, append([]float64(nil), s.custom...)), mat.SVDNone) {
		return fmt.Errorf("cpab: basis matrix: singular values not found")
	}
	if sv := svd.Values(nil); sv[d-1] < 1e-10*sv[0] || sv[0] == 0 {
		return fmt.Errorf("cpab: basis matrix: columns are linearly dependent (condition number %v)", sv[0]/sv[d-1])
	}
	return nil
}
