package cpab

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// goldenDir holds the golden vectors; DITAC_GOLDEN names another folder with
// files of the same form.
func goldenDir() string {
	if d := os.Getenv("DITAC_GOLDEN"); d != "" {
		return d
	}
	return filepath.Join("..", "testdata", "golden")
}

func readGolden(t testing.TB, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(goldenDir(), name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

// goldenBasis is one entry of basis.json.
type goldenBasis struct {
	Tess         int       `json:"tess"`
	ZeroBoundary bool      `json:"zero_boundary"`
	Basis        string    `json:"basis"`
	D            int       `json:"d"`
	B            []float64 `json:"B"`
	Error        string    `json:"error"`
}

func (g goldenBasis) key() string { return fmt.Sprint(g.Tess, g.ZeroBoundary, g.Basis) }

func boundaryOf(zero bool) Boundary {
	if zero {
		return ZeroBoundary
	}
	return FreeBoundary
}

// f32 are numbers that the golden files give as float32 decimals.
type f32 []float64

func (f *f32) UnmarshalJSON(raw []byte) error {
	var v []float32
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*f = make(f32, len(v))
	for i, x := range v {
		(*f)[i] = float64(x)
	}
	return nil
}

type goldenTransform struct {
	Kind         string      `json:"kind"`
	Tess         int         `json:"tess"`
	ZeroBoundary bool        `json:"zero_boundary"`
	Basis        string      `json:"basis"`
	T            float64     `json:"t"`
	Theta        f32         `json:"theta"`
	X            f32         `json:"x"`
	Phi          []float64   `json:"phi"`
	DPhiDX       []float64   `json:"dphi_dx"`
	DPhiDTheta   [][]float64 `json:"dphi_dtheta"`
}

func goldenBases(t testing.TB) map[string]goldenBasis {
	var file struct{ Cases []goldenBasis }
	readGolden(t, "basis.json", &file)
	m := map[string]goldenBasis{}
	for _, c := range file.Cases {
		m[c.key()] = c
	}
	return m
}

// TestGoldenTransform holds φ, ∂φ/∂x and ∂φ/∂θ against 60-digit arithmetic. The
// tolerances are the project's targets: 1e-12 for φ, 1e-9 for the derivatives;
// where |∂φ/∂x| > 1e5, four input roundings' worth of movement is allowed.
func TestGoldenTransform(t *testing.T) {
	bases := goldenBases(t)
	var file struct{ Cases []goldenTransform }
	readGolden(t, "transform.json", &file)
	require.NotEmpty(t, file.Cases)
	var worst struct{ phi, dx, dtheta float64 } // error ÷ tolerance
	for i, c := range file.Cases {
		name := fmt.Sprintf("%d %s cells=%d zero=%v %s t=%v", i, c.Kind, c.Tess, c.ZeroBoundary, c.Basis, c.T)
		basis, err := ParseBasis(c.Basis)
		require.NoError(t, err, name)
		opts := []Option{WithBoundary(boundaryOf(c.ZeroBoundary)), WithBasis(basis)}
		if b, ok := bases[goldenBasis{Tess: c.Tess, ZeroBoundary: c.ZeroBoundary, Basis: c.Basis}.key()]; ok && b.Error == "" {
			opts = append(opts, WithBasisMatrix(b.B))
		}
		s, err := NewSpace(c.Tess, opts...)
		require.NoError(t, err, name)
		f, err := s.Field(c.Theta)
		require.NoError(t, err, name)
		for k, x := range c.X {
			phi, dx, dtheta := f.FlowGrad(nil, x, c.T)
			slack := 0.0
			if g := math.Abs(c.DPhiDX[k]); g > 1e5 {
				slack = 4 * 0x1p-52 * g
			}
			check := func(what string, got, want, tol float64, worst *float64) {
				e := math.Abs(got-want) / (tol + slack)
				if got == want {
					e = 0
				}
				*worst = max(*worst, e)
				if !(e <= 1) {
					t.Errorf("%s x=%v: %s = %v, want %v, error %.3g, tolerance %.3g", name, x, what, got, want, math.Abs(got-want), tol+slack)
				}
			}
			check("φ", phi, c.Phi[k], 1e-12*math.Max(1, math.Abs(c.Phi[k])), &worst.phi)
			check("∂φ/∂x", dx, c.DPhiDX[k], 1e-9*math.Abs(c.DPhiDX[k]), &worst.dx)
			largest := 0.0
			for _, w := range c.DPhiDTheta[k] {
				largest = math.Max(largest, math.Abs(w))
			}
			require.Len(t, dtheta, len(c.DPhiDTheta[k]), name)
			for j, w := range c.DPhiDTheta[k] {
				check(fmt.Sprintf("∂φ/∂θ[%d]", j), dtheta[j], w, math.Max(1e-9*largest, 1e-12), &worst.dtheta)
			}
			require.Equal(t, phi, f.Flow(x, c.T), "%s x=%v: Flow and FlowGrad differ", name, x)
		}
	}
	t.Logf("%d cases; largest error ÷ tolerance: φ %.3f, ∂φ/∂x %.4f, ∂φ/∂θ %.4f", len(file.Cases), worst.phi, worst.dx, worst.dtheta)
}

// TestGoldenBasis: every basis has the span of the golden one; sparse and
// rref, which do not depend on a LAPACK, have its columns too.
func TestGoldenBasis(t *testing.T) {
	for _, c := range goldenBases(t) {
		if c.Error != "" {
			continue
		}
		basis, err := ParseBasis(c.Basis)
		require.NoError(t, err)
		s, err := NewSpace(c.Tess, WithBoundary(boundaryOf(c.ZeroBoundary)), WithBasis(basis))
		require.NoError(t, err)
		require.Equal(t, c.D, s.Dim())
		if c.D == 0 {
			continue
		}
		got := s.BasisMatrix()
		diff := 0.0
		for i := range got {
			diff = math.Max(diff, math.Abs(got[i]-c.B[i]))
		}
		t.Logf("%s: columns differ by %.3g", c.key(), diff)
		if basis == BasisSparse || basis == BasisRREF {
			require.Less(t, diff, 1e-14, c.key())
		}
		require.Less(t, outsideSpan(got, c.B, 2*c.Tess, c.D), 1e-12, c.key())
		require.Less(t, outsideSpan(c.B, got, 2*c.Tess, c.D), 1e-12, c.key())
	}
}

// outsideSpan returns the largest part of a column of a that is not in the span
// of the columns of b.
func outsideSpan(a, b []float64, rows, d int) float64 {
	am, bm := mat.NewDense(rows, d, append([]float64(nil), a...)), mat.NewDense(rows, d, append([]float64(nil), b...))
	var x, res mat.Dense
	if err := x.Solve(bm, am); err != nil {
		return math.Inf(1)
	}
	res.Mul(bm, &x)
	res.Sub(am, &res)
	return mat.Norm(&res, 2)
}
