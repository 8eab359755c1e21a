package ditacop

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// goldenAmplified is a case of amplified.json, which amplified.py wrote.
type goldenAmplified struct {
	Alpha    float64     `json:"alpha"`
	A        float64     `json:"a"`
	B        float64     `json:"b"`
	V        []float64   `json:"v"`
	X        []float64   `json:"x"`
	Y        []float64   `json:"y"`
	DYDX     []float64   `json:"dy_dx"`
	DYDV     [][]float64 `json:"dy_dv"` // of the inner vertices
	DYDAlpha []float64   `json:"dy_dalpha"`
}

// TestAmplifiedGolden runs the op with a fixed and a learned amplification through both of
// Gorgonia's machines against 60-digit arithmetic.
func TestAmplifiedGolden(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(goldenDir(), "amplified.json"))
	require.NoError(t, err)
	var file struct{ Cases []goldenAmplified }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	for _, c := range file.Cases {
		cells, width := len(c.V)-1, c.B-c.A
		g := make([]float64, len(c.X))
		for i := range g {
			g[i] = 1 + float64(i%3)
		}
		var theta, dtheta []float64 // nodal: V = θ·width
		for j := 1; j < cells; j++ {
			sum := 0.0
			for i := range c.X {
				sum += g[i] * c.DYDV[i][j-1] * width
			}
			theta, dtheta = append(theta, c.V[j]/width), append(dtheta, sum)
		}
		dx, dalpha := make([]float64, len(c.X)), 0.0
		for i := range g {
			dx[i] = g[i] * c.DYDX[i]
			dalpha += g[i] * c.DYDAlpha[i]
		}
		opts := []Option{WithVariant(VariantAmplified), WithCells(cells), WithDomain(c.A, c.B), WithBasis(cpab.BasisNodal)}
		const start = 0.75 // of the learned one, so that the last of θ is α − 0.75
		fixed := append(slices.Clone(opts), WithAmplification(c.Alpha), WithInit(FromTheta(theta)))
		learned := append(slices.Clone(opts), WithLearnedAmplification(start), WithInit(FromTheta(append(slices.Clone(theta), c.Alpha-start))))
		for _, lisp := range []bool{false, true} {
			for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
				// The rounding of x and θ to float32 moves y by its slopes, which go to some 50.
				rel, abs := 1e-11, 1e-12
				if dt == tensor.Float32 {
					rel, abs = 5e-5, 1e-5
				}
				for name, opts := range map[string][]Option{"fixed": fixed, "learned": learned} {
					r := runOnce(t, dt, tensor.Shape{len(c.X)}, c.X, g, lisp, false, opts...)
					within(t, c.Y, r.y, 0, abs, "y "+name)
					within(t, dx, r.dx, rel, abs, "dx "+name)
					want := dtheta
					if name == "learned" {
						want = append(slices.Clone(dtheta), dalpha)
					}
					within(t, want, r.dtheta, rel, abs, "dθ "+name)
				}
			}
		}
	}
}

// TestAmplifiedByOne: with α = 1 the variant is DiTAC bit for bit, exactly and by tables,
// on few elements and on many; so are the gradients, to θ but for that of α.
func TestAmplifiedByOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{5, 300, 70_000} {
		x, g := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], g[i] = float64(float32(2*rng.NormFloat64())), float64(float32(rng.NormFloat64()))
		}
		x[0], x[1] = math.Copysign(0, -1), 0
		for _, dt := range bothDtypes {
			base := []Option{WithCells(12), WithInit(PriorSample(3, 3, 1))}
			want := runOnce(t, dt, tensor.Shape{n}, x, g, false, false, base...)
			for _, opt := range []Option{WithAmplification(1), WithLearnedAmplification(1)} {
				got := runOnce(t, dt, tensor.Shape{n}, x, g, false, false, append(base[:2:2], WithVariant(VariantAmplified), opt)...)
				requireSameBits(t, want.y, got.y, "y")
				requireSameBits(t, want.dx, got.dx, "dx")
				requireSameBits(t, want.dtheta, got.dtheta[:11], "dθ")
			}
		}
	}
}

// TestAmplifiedTables holds long float32 slices, a θ and α for each of two groups, against
// float64: the tolerance of the tables is 1e-6 of the domain's width 6, for y′ times |y′|,
// and as much for the mean of the gradients to θ.
func TestAmplifiedTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	theta := make([]float64, 2*(9+1))
	for k := range theta {
		theta[k] = float64(float32(0.4 * rng.NormFloat64()))
	}
	theta[9], theta[19] = 3, 9 // α = 4 and 10
	opts := []Option{WithVariant(VariantAmplified), WithCells(10), WithBasis(cpab.BasisHat), WithGroups(1, 2), WithInit(FromTheta(theta))}
	for _, n := range []int{200, 100_000} {
		shape := tensor.Shape{n, 2}
		x, g := make([]float64, 2*n), make([]float64, 2*n)
		for i := range x {
			x[i], g[i] = float64(float32(2*rng.NormFloat64())), float64(float32(rng.NormFloat64()))
		}
		want := runOnce(t, tensor.Float64, shape, x, g, false, false, opts...)
		got := runOnce(t, tensor.Float32, shape, x, g, false, false, opts...)
		within(t, want.y, got.y, 0, 7e-6, "y")
		within(t, want.dx, got.dx, 2e-6, 2e-5, "dx")
		within(t, want.dtheta, got.dtheta, 1e-5, 1e-5*math.Sqrt(float64(n)), "dθ")
	}
}

// TestAmplifiedFitted: Fitted finds a curve that bends back, with α fixed or learned, from
// θ = 0, where the learned one has no gradient yet.
func TestAmplifiedFitted(t *testing.T) {
	f := func(x float64) float64 { return (x + math.Sin(3*x)) * 0.5 * math.Erfc(-x/math.Sqrt2) }
	for _, opt := range []Option{WithAmplification(4), WithLearnedAmplification(1), WithLearnedAmplification(4)} {
		a, err := New(gorgonia.NewGraph(), tensor.Float64, WithVariant(VariantAmplified), opt, WithDomain(-math.Pi, math.Pi), WithInit(Fitted(f)))
		require.NoError(t, err)
		e, err := a.Exact(0)
		require.NoError(t, err)
		worst := 0.0
		for x := -3.1; x < 3.1; x += 0.01 {
			worst = math.Max(worst, math.Abs(e.Value(x)-f(x)))
		}
		t.Logf("α = %v, at most %.2g off", e.Amplification(), worst)
		// Of a function between −0.5 and 3; the slope −2 of x + sin 3x asks for α > 3, which a
		// learned one has just passed when the iterations end.
		require.Greater(t, e.Amplification(), 3.0)
		require.Less(t, worst, 0.1)
	}
}

// TestAmplification: what an amplification adds to an activation; and that it bends back,
// which T cannot.
func TestAmplification(t *testing.T) {
	g := gorgonia.NewGraph()
	a, err := New(g, tensor.Float64, WithVariant(VariantAmplified), WithCells(6))
	require.NoError(t, err)
	require.Equal(t, 6, a.Dim())
	require.Equal(t, 5, a.Space().Dim())
	require.Equal(t, tensor.Shape{6}, a.Theta().Shape())
	require.Contains(t, a.String(), "amplified(α from 1, 6 cells")
	e, err := a.Exact(0)
	require.NoError(t, err)
	require.Equal(t, 1.0, e.Amplification())

	fixed, err := New(g, tensor.Float64, WithVariant(VariantAmplified), WithAmplification(8), WithCells(6), WithBasis(cpab.BasisNodal),
		WithInit(FromTheta([]float64{0, 0.2, 0, 0, 0})))
	require.NoError(t, err)
	require.Equal(t, 5, fixed.Dim())
	require.Contains(t, fixed.String(), "amplified(α = 8, 6 cells")
	plain, err := fixed.Exact(0)
	require.NoError(t, err)
	field := plain.Field()
	bent := false
	for x := -2.9; x < 3; x += 0.1 {
		_, slope := field.FlowDx(x, 1)
		require.Positive(t, slope)
		bent = bent || 1+8*(slope-1) < 0
	}
	require.True(t, bent)

	// The penalty is that of the field: α has no part in it.
	learned, err := New(g, tensor.Float64, WithVariant(VariantAmplified), WithCells(6), WithPenalty(0.5, 5, 1), WithInit(FromTheta([]float64{1, 2, 3, 4, 5, 6})))
	require.NoError(t, err)
	same, err := New(g, tensor.Float64, WithCells(6), WithPenalty(0.5, 5, 1))
	require.NoError(t, err)
	got, err := learned.penaltyOf([]float64{1, 2, 3, 4, 5, 6})
	require.NoError(t, err)
	want, err := same.penaltyOf([]float64{1, 2, 3, 4, 5})
	require.NoError(t, err)
	require.Equal(t, want, got)
	gotGrad, err := learned.penaltyGrad([]float64{1, 2, 3, 4, 5, 6}, 2)
	require.NoError(t, err)
	wantGrad, err := same.penaltyGrad([]float64{1, 2, 3, 4, 5}, 2)
	require.NoError(t, err)
	require.Equal(t, append(wantGrad, 0), gotGrad)

	for _, c := range []struct {
		opts []Option
		want string
	}{
		{[]Option{WithAmplification(4)}, "amplification = 4 for variant ditac"},
		{[]Option{WithVariant(VariantLeaky), WithLearnedAmplification(2)}, "amplification = 2 for variant leaky"},
		{[]Option{WithVariant(VariantAmplified), WithAmplification(0)}, "amplification = 0, want"},
		{[]Option{WithVariant(VariantAmplified), WithAmplification(math.NaN())}, "amplification = NaN, want"},
		{[]Option{WithVariant(VariantAmplified), WithAmplification(-2)}, "amplification = -2, want"},
		{[]Option{WithVariant(VariantAmplified), WithLearnedAmplification(1e6)}, "amplification = 1e+06, want"},
		{[]Option{WithVariant(VariantAmplified), WithCells(3), WithInit(FromTheta([]float64{1, 2, math.Inf(1)}))}, "theta[2] = +Inf, of the amplification"},
	} {
		_, err := New(gorgonia.NewGraph(), tensor.Float64, c.opts...)
		require.ErrorContains(t, err, c.want)
	}
}
