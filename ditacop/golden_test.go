package ditacop

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// goldenDiTAC is one case of ditac.json. θ, x and grad_out are float32 decimals.
type goldenDiTAC struct {
	Config       string    `json:"config"`
	Kind         string    `json:"kind"`
	Tess         int       `json:"tess"`
	A            float64   `json:"a"`
	B            float64   `json:"b"`
	LambdaSmooth float64   `json:"lambda_smooth"`
	LambdaVar    float64   `json:"lambda_var"`
	LambdaReg    float64   `json:"lambda_reg_loss"`
	Theta        []float32 `json:"theta"`
	X            []float32 `json:"x"`
	GradOut      []float32 `json:"grad_out"`
	Basis        []float64 `json:"B"`
	Precision    []float64 `json:"precision_mat_f64"`
	Exact        struct {
		Y             []float64   `json:"y"`
		DYDX          []float64   `json:"dy_dx"`
		DYDTheta      [][]float64 `json:"dy_dtheta"`
		GradThetaData []float64   `json:"grad_theta_data"`
		GradThetaReg  []float64   `json:"grad_theta_reg"`
		RegValue      float64     `json:"reg_value"`
	} `json:"exact"`
}

// goldenDir holds the golden vectors; DITAC_GOLDEN names another folder with
// files of the same form.
func goldenDir() string {
	if d := os.Getenv("DITAC_GOLDEN"); d != "" {
		return d
	}
	return filepath.Join("..", "testdata", "golden")
}

func widen(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out
}

func goldenCases(t testing.TB) []goldenDiTAC {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(goldenDir(), "ditac.json"))
	require.NoError(t, err)
	var file struct{ Cases []goldenDiTAC }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	return file.Cases
}

// within asserts |got−want| ≤ rel·max|want| + abs for all elements.
func within(t testing.TB, want, got []float64, rel, abs float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	scale := 0.0
	for _, w := range want {
		scale = math.Max(scale, math.Abs(w))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= rel*scale+abs) {
			t.Errorf("%s[%d] = %v, want %v (off by %.3g)", what, i, got[i], want[i], got[i]-want[i])
		}
	}
}

// TestGolden runs the op, forward and backward, through both of Gorgonia's
// machines against 60-digit arithmetic, in float64.
func TestGolden(t *testing.T) {
	for _, c := range goldenCases(t) {
		opts := []Option{WithCells(c.Tess), WithDomain(c.A, c.B), WithBasis(cpab.BasisQR), WithInit(FromTheta(widen(c.Theta))),
			WithPenalty(c.LambdaReg, c.LambdaSmooth, c.LambdaVar)}
		if len(c.Basis) > 0 {
			opts = append(opts, WithBasisMatrix(c.Basis))
		}
		for _, lisp := range []bool{false, true} {
			name := c.Config + " " + c.Kind + map[bool]string{false: " tape", true: " lisp"}[lisp]
			t.Run(name, func(t *testing.T) {
				r := runOnce(t, tensor.Float64, tensor.Shape{len(c.X)}, widen(c.X), widen(c.GradOut), lisp, false, opts...)
				dx := make([]float64, len(c.X))
				for i, d := range c.Exact.DYDX {
					dx[i] = d * float64(c.GradOut[i])
				}
				within(t, c.Exact.Y, r.y, 0, 1e-12, "y")
				within(t, dx, r.dx, 1e-9, 0, "dx")
				within(t, c.Exact.GradThetaData, r.dtheta, 1e-9, 1e-12, "dθ")
			})
		}
		g := gorgonia.NewGraph()
		a, err := New(g, tensor.Float64, opts...)
		require.NoError(t, err)
		if len(c.Precision) > 0 {
			prior, err := a.prior()
			require.NoError(t, err)
			within(t, c.Precision, prior.Precision(), 1e-9, 0, "Σ⁻¹")
		}
		p, err := a.Penalty()
		require.NoError(t, err)
		_, err = gorgonia.Grad(p, a.Theta())
		require.NoError(t, err)
		vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(a.Theta()))
		require.NoError(t, vm.RunAll())
		// The golden penalty uses Σ⁻¹ in float32, hence 1e-6.
		require.InEpsilon(t, c.Exact.RegValue, p.Value().Data(), 1e-12)
		grad, err := a.Theta().Grad()
		require.NoError(t, err)
		within(t, c.Exact.GradThetaReg, grad.Data().([]float64), 1e-12, 0, "penalty dθ")
		require.NoError(t, vm.Close())
	}
}

// TestGoldenPrior holds the covariance of the initial prior against the authors'.
func TestGoldenPrior(t *testing.T) {
	var file struct {
		InitCovariance []struct {
			Tess           int       `json:"tess"`
			Basis          string    `json:"basis"`
			ZeroBoundary   bool      `json:"zero_boundary"`
			LengthScale    float64   `json:"length_scale"`
			OutputVariance float64   `json:"output_variance"`
			Cov            []float64 `json:"cov"`
		} `json:"init_covariance"`
	}
	raw, err := os.ReadFile(filepath.Join(goldenDir(), "ditac.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.InitCovariance)
	for _, c := range file.InitCovariance {
		basis, err := cpab.ParseBasis(c.Basis)
		require.NoError(t, err)
		s, err := cpab.NewSpace(c.Tess, cpab.WithBasis(basis))
		require.NoError(t, err)
		p, err := cpab.NewPrior(s, cpab.KernelCells, c.LengthScale, c.OutputVariance)
		require.NoError(t, err)
		within(t, c.Cov, p.Covariance(), 1e-12, 0, "Σ")
	}
}
