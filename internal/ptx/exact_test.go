package ptx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/table"
)

// exactGPU is a memory with exact curves in it.
type exactGPU struct {
	*gpu
	exact         Exact
	data, normals uint64
}

func newExactGPU(t testing.TB, tabs []*table.Table, outer, length int, c ptxsim.Config) (*exactGPU, []*table.ExactLayout) {
	t.Helper()
	layouts := make([]*table.ExactLayout, len(tabs))
	for g := range tabs {
		var ok bool
		layouts[g], ok = tabs[g].Exact().Layout()
		require.True(t, ok)
	}
	g := &exactGPU{gpu: &gpu{t: t, memory: ptxsim.NewMemory(), config: c, outer: outer, length: length}, exact: PackExact(layouts)}
	g.data, g.normals = upload(g.memory, g.exact.Data, 0), upload(g.memory, Normals(), 0)
	return g, layouts
}

func (g *exactGPU) args(before ...uint64) []uint64 {
	heads, starts, parts := g.exact.Addresses(g.data)
	return append(before, g.normals, heads, starts, parts, uint64(g.exact.Stride), uint64(g.length), uint64(g.outer), uint64(g.exact.Groups))
}

func (g *exactGPU) pass(name string, blocks int, x, up []float64) []float64 {
	g.t.Helper()
	dst := g.memory.Alloc(8 * len(x))
	g.launchOf("exact", name, blocks, g.exact.Shared(), g.args(dst, upload(g.memory, x, 0), upload(g.memory, up, 0))...)
	return download[float64](g.t, g.memory, dst, len(x))
}

func (g *exactGPU) moments(x, up []float64) []float64 {
	g.t.Helper()
	m := g.exact.Moments(g.outer * g.length)
	sums, result := g.memory.Alloc(8*m.Sums), g.memory.Alloc(8*m.Result)
	args := append(g.args(sums, upload(g.memory, x, 0), upload(g.memory, up, 0)), uint64(m.Parts), uint64(m.PartLength), uint64(g.exact.Slots))
	g.launchOf("exact", "moments_exact_f64", m.Blocks, m.Shared, args...)
	g.launchOf("ditac", "reduce_moments", (m.Result+Tile-1)/Tile, 0, result, sums, uint64(m.Count), uint64(m.Parts), uint64(g.exact.Groups))
	return download[float64](g.t, g.memory, result, m.Result)
}

// exactElements are elements next to all that is special about a curve, and normal ones.
func exactElements(l *table.ExactLayout, n int) []float64 {
	r := rand.New(rand.NewPCG(uint64(n), 5))
	special := limits[float64]()
	x := make([]float64, n)
	for i := range x {
		switch k := r.IntN(8); {
		case k == 0:
			x[i] = special[r.IntN(len(special))]
		case k == 1:
			x[i] = l.Starts[r.IntN(len(l.Starts))]
		case k == 2:
			x[i] = math.Nextafter(l.Starts[r.IntN(len(l.Starts))], math.Inf(2*r.IntN(2)-1))
		default:
			x[i] = 2 * r.NormFloat64()
		}
	}
	return x
}

// TestExact wants the float64 kernels to be the CPU's exact evaluation within 1e-12, and
// sums to have the same bits for all orders of threads.
func TestExact(t *testing.T) {
	worst := [3]float64{}
	for _, v := range curve.Variants() {
		for _, groups := range []int{1, 3} {
			t.Run(fmt.Sprintf("%v/%d", v, groups), func(t *testing.T) {
				tabs := tablesOf(t, v, 10, groups, scaleOf(v))
				for i, n := range sizes {
					outer, length := 1, n
					if groups > 1 {
						outer, length = 1+i%3, n/(1+i%3)/groups
					}
					n := outer * groups * length
					g, layouts := newExactGPU(t, tabs, outer, length, configs[i%len(configs)])
					x := exactElements(layouts[0], n)
					up := make([]float64, n)
					for k := range up {
						up[k] = 1 + float64(k%7)
					}
					blocks := []int{g.exact.Blocks(outer * length), groups, 5 * groups}[i%3]
					y, dx := g.pass("forward_exact_f64", blocks, x, up), g.pass("backward_x_exact_f64", blocks, x, up)
					finite := append([]float64(nil), x...)
					for k, v := range finite {
						if math.IsNaN(v) || math.Abs(v) > 1e3 {
							finite[k] = 0.5
						}
					}
					sums := g.moments(finite, up)
					for _, c := range configs {
						g.config = c
						require.Equal(t, sums, g.moments(finite, up), "%+v", c)
					}
					for k, tab := range tabs {
						e := tab.Exact()
						in, inUp := ofGroup(x, outer, groups, length, k), ofGroup(up, outer, groups, length, k)
						gotY, gotDx := ofGroup(y, outer, groups, length, k), ofGroup(dx, outer, groups, length, k)
						for j, x := range in {
							wantY, slope := e.Jet(x)
							requireClose(t, wantY, gotY[j], 1e-12, &worst[0], "%v, y(%v)", v, x)
							requireClose(t, inUp[j]*slope, gotDx[j], 1e-12, &worst[1], "%v, y′(%v)", v, x)
						}
						want, got := make([]float64, e.Dim()), make([]float64, e.Dim())
						e.BackwardTheta64(want, ofGroup(finite, outer, groups, length, k), inUp)
						of := sums[table.SumsSize*k*g.exact.Slots:]
						n := table.SumsSize * len(layouts[k].Starts)
						require.NoError(t, layouts[k].Gradient(got, of[:n], of[n]))
						largest := 1.0
						for _, w := range want {
							largest = math.Max(largest, math.Abs(w))
						}
						for j := range want {
							requireClose(t, want[j]/largest, got[j]/largest, 1e-12, &worst[2], "%v, gradient to θ %d", v, j)
						}
					}
				}
			})
		}
	}
	t.Logf("at most %.2g off in y, %.2g in the gradient to x, %.2g in the gradient to θ", worst[0], worst[1], worst[2])
}

// requireClose wants got to be want within allowed·max(1, |want|).
func requireClose(t testing.TB, want, got, allowed float64, worst *float64, format string, args ...any) {
	t.Helper()
	if want == got || math.IsNaN(want) && math.IsNaN(got) {
		return
	}
	off := math.Abs(got-want) / math.Max(1, math.Abs(want))
	if !(off <= allowed) {
		require.Failf(t, "too far off", format+": want %v, got %v", append(args, want, got)...)
	}
	*worst = math.Max(*worst, off)
}
