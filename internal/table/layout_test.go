package table

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// TestLayout evaluates layouts as a device does, and holds them against the table:
// y and y′ bit for bit, the gradient of θ up to the order of the sums.
func TestLayout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, v := range shapetest.Variants() {
		for seed := range uint64(20) {
			c := shapetest.Default(t, v, 10)
			tab, err := newTable(c, shapetest.PriorTheta(t, c, seed, 1), DefaultTolerance)
			require.NoError(t, err)
			l, ok := tab.Layout()
			if tab.loExact || tab.hiExact {
				require.False(t, ok)
				continue
			}
			require.True(t, ok, "%v, seed %d", v, seed)
			x, g := make([]float32, 500), make([]float32, 500)
			for i := range x {
				x[i], g[i] = float32(20*rng.Float64()-10), float32(rng.NormFloat64())
			}
			y, dy, one := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
			for i := range one {
				one[i] = 1
			}
			tab.Forward32(y, x)
			tab.BackwardX32(dy, x, one)
			sums, above := make([]float64, 6*len(l.Starts)), [2]float64{}
			for i, e := range x {
				wantY, wantDy := float32(l.HiSlope*e)+l.HiOffset, l.HiSlope
				switch {
				case e < l.Lo:
					wantY, wantDy = l.LoSlope*max(e, l.LoMin), l.LoSlope
				case e < l.Hi:
					k := sort.Search(len(l.Starts), func(k int) bool { return l.Starts[k] > e }) - 1
					c := l.Pieces[8*k:]
					tau := (e - c[6]) * c[7]
					t2 := tau * tau
					wantY = (c[0] + float32(c[1]*tau)) + float32(((c[2]+float32(c[3]*tau))+float32((c[4]+float32(c[5]*tau))*t2))*t2)
					wantDy = ((c[1] + float32(2*c[2]*tau)) + float32(((float32(3*c[3])+float32(4*c[4]*tau))+float32(5*c[5]*t2))*t2)) * c[7]
					p := float64(g[i])
					for j := range 6 {
						sums[6*k+j] += p
						p *= float64(tau)
					}
				case l.HiMoves:
					above[0] += float64(g[i])
					above[1] += float64(g[i]) * float64(e-l.Hi)
				}
				require.Equal(t, math.Float32bits(y[i]), math.Float32bits(wantY), "%v: y(%v)", v, e)
				require.Equal(t, math.Float32bits(dy[i]), math.Float32bits(wantDy), "%v: y′(%v)", v, e)
			}
			want, got := make([]float64, tab.Dim()), make([]float64, tab.Dim())
			tab.BackwardTheta32(want, x, g)
			tab.Gradient(got, sums, above)
			for j := range want {
				require.InDelta(t, want[j], got[j], 2e-6*(1+math.Abs(want[j])), "%v: ∂/∂θ[%d]", v, j)
			}
			tab.Gradient(got, sums, [2]float64{0, math.NaN()})
			require.True(t, math.IsNaN(got[0]))
		}
	}
}
