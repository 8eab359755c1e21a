package curve

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
)

func testCurve(t testing.TB, v Variant, cells int) *Curve {
	t.Helper()
	a, b := v.DefaultDomain()
	s, err := cpab.NewSpace(cells, cpab.WithDomain(a, b), cpab.WithBoundary(v.DefaultBoundary()))
	require.NoError(t, err)
	c, err := New(s, v, 0.05)
	require.NoError(t, err)
	return c
}

func priorTheta(t testing.TB, c *Curve, seed uint64, scale float64) []float64 {
	t.Helper()
	p, err := cpab.NewPrior(c.Space(), cpab.KernelCells, 3, 2)
	require.NoError(t, err)
	theta := p.Sample(seed)
	for k := range theta {
		theta[k] *= scale
	}
	return theta
}

func TestTableError(t *testing.T) {
	for _, v := range Variants() {
		c := testCurve(t, v, 10)
		for _, scale := range []float64{0, 0.1, 1, 2, 4, 8} {
			var ey, ed, et, hard, pieces, bins, ds float64
			n := 50
			for seed := range uint64(n) {
				tab, err := c.Table(priorTheta(t, c, seed, scale), 0)
				require.NoError(t, err)
				hard += float64(tab.HardBins())
				pieces += float64(tab.Pieces())
				bins += float64(tab.Bins())
				rng := rand.New(rand.NewPCG(seed, 2))
				x := make([]float32, 400)
				for i := range x {
					x[i] = float32(14*rng.Float64() - 7)
				}
				y, one, d := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
				for i := range one {
					one[i] = 1
				}
				tab.Forward32(y, x)
				tab.BackwardX32(d, x, one)
				gt, we := make([]float64, tab.Dim()), make([]float64, tab.Dim())
				for i := range x {
					wy, wd := tab.exact.Jet(float64(x[i]))
					ey = max(ey, math.Abs(float64(y[i])-wy)/(6e-6+3e-7*math.Abs(wy)))
					ed = max(ed, math.Abs(float64(d[i])-wd)/(6e-6*max(1, math.Abs(wd))))
					clear(gt)
					clear(we)
					tab.BackwardTheta32(gt, x[i:i+1], one[:1])
					tab.exact.BackwardTheta32(we, x[i:i+1], one[:1])
					for k := range gt {
						et = max(et, math.Abs(gt[k]-we[k])/(1+math.Abs(we[k])))
						ds = max(ds, math.Abs(we[k]))
					}
				}
			}
			fmt.Printf("%v ×%v: y %.3g dx %.3g dθ %.3g (%.3g); bins %.0f pieces %.0f hard %.2f\n", v, scale, ey, ed, et, ds, bins/float64(n), pieces/float64(n), hard/float64(n))
		}
	}
}

func BenchmarkTableMake(b *testing.B) {
	c := testCurve(b, DiTAC, 10)
	for _, scale := range []float64{0, 1, 4} {
		benchmarkMake(b, fmt.Sprintf("10 cells, prior ×%v", scale), c, priorTheta(b, c, 3, scale))
	}
	s, err := cpab.NewSpace(30, cpab.WithDomain(-2, 2), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(b, err)
	c, err = New(s, DiTAC, 0)
	require.NoError(b, err)
	theta := make([]float64, s.Dim())
	benchmarkMake(b, "30 cells, identity", c, theta)
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range theta {
		theta[k] = 0.12 * rng.NormFloat64()
	}
	benchmarkMake(b, "30 cells, rough", c, theta)
}

func benchmarkMake(b *testing.B, name string, c *Curve, theta []float64) {
	b.Run(name, func(b *testing.B) {
		tab, err := c.Table(theta, 0)
		require.NoError(b, err)
		for b.Loop() {
			if err := tab.exact.Reset(theta); err != nil {
				b.Fatal(err)
			}
			tab.Reset()
		}
		b.ReportMetric(float64(tab.Pieces()), "pieces")
		b.ReportMetric(float64(tab.Bins()), "bins")
		b.ReportMetric(float64(tab.HardBins()), "hard")
	})
	b.Run(name+", close", func(b *testing.B) {
		tab, _ := c.Table(theta, 0)
		sums := make([]moments, len(tab.tab.Pieces))
		for k := 1; k < len(sums); k++ {
			sums[k] = moments{1, .1, .1, .02, .02, .01}
		}
		dv := make([]float64, c.Space().Cells()+1)
		for b.Loop() {
			tab.closeMoments(dv, sums)
		}
	})
}

func BenchmarkTable(b *testing.B) {
	c := testCurve(b, DiTAC, 10)
	tab, _ := c.Table(priorTheta(b, c, 3, 1), 0)
	for _, n := range []int{4900, 1 << 20} {
		x, y, g := make([]float32, n), make([]float32, n), make([]float32, n)
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range x {
			x[i], g[i] = float32(rng.NormFloat64()*1.5), float32(rng.NormFloat64())
		}
		per := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/elem")
		}
		b.Run(fmt.Sprint("forward ", n), func(b *testing.B) {
			for b.Loop() {
				tab.Forward32(y, x)
			}
			per(b)
		})
		b.Run(fmt.Sprint("dx ", n), func(b *testing.B) {
			for b.Loop() {
				tab.BackwardX32(y, x, g)
			}
			per(b)
		})
		dt := make([]float64, tab.Dim())
		b.Run(fmt.Sprint("dtheta ", n), func(b *testing.B) {
			for b.Loop() {
				tab.BackwardTheta32(dt, x, g)
			}
			per(b)
		})
	}
}
