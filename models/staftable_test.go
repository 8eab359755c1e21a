package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSineTable compares the table with the sines of each element, with elements outside
// and lost ones.
func TestSineTable(t *testing.T) {
	const n = 1 << 14
	rng := rand.New(rand.NewPCG(6, 6))
	f := staf(stafTerms, rng)
	theta := make([]float32, len(f.init))
	size, steep := 0., 0.
	for k, e := range f.init {
		theta[k] = float32(e)
		if k < stafTerms {
			size += math.Abs(e)
			steep += math.Abs(e) * f.init[stafTerms+k]
		}
	}
	x, g := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], g[i] = float32(2*rng.NormFloat64()), float32(rng.NormFloat64())
	}
	x[5], x[6], x[7] = 1e5, -1e20, 0
	direct := newSines(theta, math.Sincos)
	table := newSineTable(newSines(theta, sincos), x)
	require.NotNil(t, table)
	outside := 0
	for _, v := range x {
		if k, _ := table.place(v); k < 0 {
			outside++
		}
	}
	require.Equal(t, 2, outside)

	want, got := make([]float32, n), make([]float32, n)
	worst := func() (most float64) {
		for i := range got {
			// The sines of x = 10²⁰·30 in float64 depend on the last bits of the product.
			if i != 6 {
				most = max(most, math.Abs(float64(got[i])-float64(want[i])))
			}
		}
		return most
	}
	direct.forward(want, x)
	table.forward(got, x)
	// The tolerance, and some roundings of float32.
	require.Less(t, worst(), size*(sineTolerance+4*0x1p-24))
	t.Logf("error %.2g of %.2g", worst(), size)
	ones := make([]float32, n)
	for i := range ones {
		ones[i] = 1
	}
	direct.backwardX(want, x, ones)
	table.backwardX(got, x, ones)
	require.Less(t, worst(), steep*(sineTolerance+4*0x1p-24))
	t.Logf("error of slopes %.2g of %.2g", worst(), steep)

	x[5], x[6] = 1, 2
	wantTheta := make([]float64, len(theta))
	direct.backwardTheta(wantTheta, x, g)
	sums := make([]float64, table.numSums())
	table.backwardTheta(sums, x[:n/2], g[:n/2])
	table.backwardTheta(sums, x[n/2:], g[n/2:])
	gotTheta := table.close(sums)
	require.Len(t, gotTheta, len(theta))
	// A sum of n numbers g·∂y/∂θ of sizes up to |C|·|x| ≤ 8, each within the tolerance of them.
	for k, w := range wantTheta {
		require.InDelta(t, w, gotTheta[k], 8*sineTolerance*math.Sqrt(n), "component %d", k)
	}

	// Few elements, none, and none that is a number.
	require.Nil(t, newSineTable(newSines(theta, sincos), x[:3]))
	require.Nil(t, newSineTable(newSines(theta, sincos), nil))
	nans := []float32{nan32(), nan32(), nan32(), nan32(), nan32()}
	require.Nil(t, newSineTable(newSines(theta, sincos), nans))
	require.Nil(t, newSineTable(newSines(make([]float32, 3), sincos), x)) // no frequency
	x[9] = nan32()
	table = newSineTable(newSines(theta, sincos), x)
	table.forward(got, x)
	require.True(t, got[9] != got[9])
}

// TestSineTableMemory: elements far out do not make a table of as many intervals as there
// are elements, whose sums would be hundreds of megabytes.
func TestSineTableMemory(t *testing.T) {
	x := make([]float32, 1<<20)
	x[0], x[1], x[2] = -1e6, 1e6, 0.5
	f := newSines([]float32{1, 30, 0}, sincos)
	table := newSineTable(f, x)
	require.LessOrEqual(t, table.count, sineMost)
	y, want := make([]float32, 3), make([]float32, 3)
	table.forward(y, x[:3])
	f.forward(want, x[:3])
	for i := range y {
		require.InDelta(t, want[i], y[i], 2*sineTolerance)
	}
}

func nan32() float32 { return float32(math.NaN()) }
