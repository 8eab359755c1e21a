package ptx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/table"
)

// tablesOf returns tables of a variant at θ drawn from the prior, one for each group.
func tablesOf(t testing.TB, v curve.Variant, cells, groups int, scale float64) []*table.Table {
	t.Helper()
	a, b := v.DefaultDomain()
	space, err := cpab.NewSpace(cells, cpab.WithDomain(a, b), cpab.WithBoundary(v.DefaultBoundary()))
	require.NoError(t, err)
	prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
	require.NoError(t, err)
	c, err := curve.New(space, v, curve.WithNegativeSlope(0.05))
	require.NoError(t, err)
	tables := make([]*table.Table, groups)
	for g := range tables {
		theta := append(prior.Sample(uint64(g)), make([]float64, c.Dim()-space.Dim())...)
		for k := range theta {
			theta[k] *= scale
		}
		if _, learned := c.Amplification(); learned {
			theta[space.Dim()] = 1.5 + float64(g)
		}
		tables[g], err = table.Of(c, theta, table.DefaultTolerance)
		require.NoError(t, err)
	}
	return tables
}

func pack(t testing.TB, tables []*table.Table) Tables {
	t.Helper()
	layouts := make([]table.Layout, len(tables))
	for g := range tables {
		var ok bool
		layouts[g], ok = tables[g].Layout()
		require.True(t, ok)
	}
	return Pack(layouts)
}

// elementsFor returns n elements: limits, those next to the starts of pieces and to the
// ends of the table, and normal numbers.
func elementsFor(l table.Layout, n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	special := append(limits[float32](), l.Lo, l.Hi)
	x := make([]float32, n)
	for i := range x {
		switch k := r.IntN(8); {
		case k == 0:
			x[i] = special[r.IntN(len(special))]
		case k == 1:
			x[i] = math.Nextafter32(l.Starts[r.IntN(len(l.Starts))], float32(math.Inf(2*r.IntN(2)-1)))
		default:
			x[i] = float32(2 * r.NormFloat64())
		}
	}
	return x
}

// gradients returns n upstream gradients, a few of them NaN or infinite.
func gradients(n int) []float32 { return inputs[float32](n, 3, 1e3) }

// scaleOf returns the scale of θ for a variant. The transformation over the whole line
// goes too far out for a table if θ is large.
func scaleOf(v curve.Variant) float64 {
	if v == curve.Infinite {
		return 0.2
	}
	return 1
}

// gpu is a memory with an activation's tables and tensors in it.
type gpu struct {
	t      testing.TB
	memory *ptxsim.Memory
	config ptxsim.Config
	tables Tables
	data   uint64
	// outer × groups × length elements
	outer, length int
}

func newGPU(t testing.TB, tables Tables, outer, length int, c ptxsim.Config) *gpu {
	t.Helper()
	g := &gpu{t: t, memory: ptxsim.NewMemory(), config: c, tables: tables, outer: outer, length: length}
	g.data = upload(g.memory, tables.Data, 0)
	return g
}

// upload puts x into memory, offset numbers behind an aligned address.
func upload[T real](m *ptxsim.Memory, x []T, offset int) uint64 {
	at := ptxsim.Upload(m, append(make([]T, offset), x...))
	size := uint64(4)
	if suffix[T]() == "_f64" {
		size = 8
	}
	return at + size*uint64(offset)
}

func (g *gpu) launch(name string, blocks, shared int, args ...uint64) {
	g.t.Helper()
	g.launchOf("ditac", name, blocks, shared, args...)
}

// launchOf runs a kernel of a module.
func (g *gpu) launchOf(module, name string, blocks, shared int, args ...uint64) {
	g.t.Helper()
	machine := ptxsim.Machine{Memory: g.memory, Config: g.config}
	_, err := machine.Launch(kernel(g.t, module, name), ptxsim.Dim{X: blocks, Y: 1, Z: 1}, ptxsim.Dim{X: Tile, Y: 1, Z: 1}, shared, args...)
	require.NoError(g.t, err)
}

// offsets are how many numbers result, x and gradient lie behind an aligned address.
type offsets struct{ dst, x, up int }

// elementwise runs a pass on blocks.
func (g *gpu) elementwise(pass string, blocks int, x, up []float32, o offsets) []float32 {
	g.t.Helper()
	dst := g.memory.Alloc(4*len(x)+4*o.dst) + uint64(4*o.dst)
	heads, starts, pieces := g.tables.Addresses(g.data)
	name, shared := g.tables.Elementwise(pass)
	upAt := uint64(0)
	if up != nil {
		upAt = upload(g.memory, up, o.up)
	}
	g.launch(name, blocks, shared, dst, upload(g.memory, x, o.x), upAt, heads, starts, pieces,
		uint64(g.tables.Stride), uint64(g.length), uint64(g.outer), uint64(g.tables.Groups))
	return download[float32](g.t, g.memory, dst, len(x))
}

// ofGroup returns the elements of a group.
func ofGroup[T real](x []T, outer, groups, length, group int) []T {
	var part []T
	for k := range outer {
		from := (k*groups + group) * length
		part = append(part, x[from:from+length]...)
	}
	return part
}

// requireBits wants got to be want, bit by bit but for the payload of NaN.
func requireBits(t testing.TB, want, got, x []float32, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		if want[i] != want[i] && got[i] != got[i] {
			continue
		}
		if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
			require.Failf(t, "different bits", "%s: element %d, x = %v: CPU %v, GPU %v", what, i, x[i], want[i], got[i])
		}
	}
}

// short is a length of slices that the CPU evaluates by pieces, as the kernels do.
const short = 1000

// reference evaluates a group's elements on the CPU.
func reference(tab *table.Table, x, up []float32) (y, dx []float32) {
	y, dx = make([]float32, len(x)), make([]float32, len(x))
	for from := 0; from < len(x); from += short {
		to := min(from+short, len(x))
		tab.Forward32(y[from:to], x[from:to])
		tab.BackwardX32(dx[from:to], x[from:to], up[from:to])
	}
	return y, dx
}

// TestDiTACElementwise wants the forward pass and the gradient to x to have the bits of
// the CPU's, for all variants, sizes, grids, orders of threads, and unaligned tensors.
func TestDiTACElementwise(t *testing.T) {
	for _, v := range curve.Variants() {
		for _, groups := range []int{1, 3} {
			t.Run(fmt.Sprintf("%v/%d", v, groups), func(t *testing.T) {
				tabs := tablesOf(t, v, 10, groups, scaleOf(v))
				tables := pack(t, tabs)
				for i, n := range sizes {
					outer, length := 1, n
					if groups > 1 {
						outer, length = 1+i%3, n/(1+i%3)/groups
					}
					n := outer * groups * length
					layout, _ := tabs[0].Layout()
					x, up := elementsFor(layout, n, 1), gradients(n)
					g := newGPU(t, tables, outer, length, configs[i%len(configs)])
					blocks := []int{tables.Blocks(outer * length), groups, 5 * groups}[i%3]
					y := g.elementwise("forward", blocks, x, nil, offsets{i % 4, i % 4, 0})
					dx := g.elementwise("backward_x", blocks, x, up, offsets{i % 2, i % 2, i % 2})
					for k := range groups {
						in := ofGroup(x, outer, groups, length, k)
						wantY, wantDx := reference(tabs[k], in, ofGroup(up, outer, groups, length, k))
						requireBits(t, wantY, ofGroup(y, outer, groups, length, k), in, fmt.Sprintf("forward, n = %d, group %d", n, k))
						requireBits(t, wantDx, ofGroup(dx, outer, groups, length, k), in, fmt.Sprintf("gradient to x, n = %d, group %d", n, k))
					}
				}
			})
		}
	}
}

// TestDiTACUnaligned: each tensor by itself may lie where vectors of four do not.
func TestDiTACUnaligned(t *testing.T) {
	tabs := tablesOf(t, curve.DiTAC, 10, 1, 1)
	layout, _ := tabs[0].Layout()
	const n = 1030
	x, up := elementsFor(layout, n, 1), gradients(n)
	wantY, wantDx := reference(tabs[0], x, up)
	for k := 1; k < 4; k++ {
		for which := range 8 {
			o := offsets{k * (which & 1), k * (which >> 1 & 1), k * (which >> 2)}
			g := newGPU(t, pack(t, tabs), 1, n, ptxsim.Config{})
			requireBits(t, wantY, g.elementwise("forward", 1, x, nil, o), x, fmt.Sprintf("forward, %+v", o))
			requireBits(t, wantDx, g.elementwise("backward_x", 1, x, up, o), x, fmt.Sprintf("gradient to x, %+v", o))
		}
	}
}

// TestDiTACLong: a table too long for shared memory.
func TestDiTACLong(t *testing.T) {
	tabs := tablesOf(t, curve.DiTAC, 10, 1, 1)
	tables := pack(t, tabs)
	layout, _ := tabs[0].Layout()
	tables.Stride = 2048
	name, shared := tables.Elementwise("forward")
	require.Equal(t, "forward_long_f32", name)
	require.Equal(t, 4*2048, shared)
	long := layout // the last piece again and again, from +Inf on
	for len(long.Starts) < 2048 {
		long.Starts = append(long.Starts, float32(math.Inf(1)))
		long.Pieces = append(long.Pieces, layout.Pieces[len(layout.Pieces)-8:]...)
	}
	x, up := elementsFor(layout, 1000, 1), gradients(1000)
	g := newGPU(t, Pack([]table.Layout{long}), 1, len(x), ptxsim.Config{})
	wantY, wantDx := reference(tabs[0], x, up)
	requireBits(t, wantY, g.elementwise("forward", 2, x, nil, offsets{}), x, "forward")
	requireBits(t, wantDx, g.elementwise("backward_x", 2, x, up, offsets{}), x, "gradient to x")
}

// moments runs the kernels of the gradient to θ and returns what table.Table.Gradient
// takes, for each group.
func (g *gpu) moments(m Moments, x, up []float32) []float64 {
	g.t.Helper()
	heads, starts, pieces := g.tables.Addresses(g.data)
	groups, slots := uint64(g.tables.Groups), uint64(g.tables.Slots)
	sums, result := g.memory.Alloc(8*m.Sums), g.memory.Alloc(8*m.Result)
	g.launch("moments_f32", m.Blocks, m.Shared, sums, upload(g.memory, x, 0), upload(g.memory, up, 0), heads, starts, pieces,
		uint64(g.tables.Stride), uint64(g.length), uint64(g.outer), groups, uint64(m.Parts), uint64(m.PartLength), slots)
	g.launch("reduce_moments", (m.Result+Tile-1)/Tile, 0, result, sums, 6*slots, uint64(m.Parts), groups)
	return download[float64](g.t, g.memory, result, m.Result)
}

// TestDiTACMoments wants the gradient to θ to be the CPU's within 1e-6 of the largest
// component, and the same bits for all orders of threads.
func TestDiTACMoments(t *testing.T) {
	worst := 0.0
	for _, v := range curve.Variants() {
		for _, groups := range []int{1, 3} {
			tabs := tablesOf(t, v, 10, groups, scaleOf(v))
			tables := pack(t, tabs)
			for i, n := range sizes {
				outer, length := 1, n
				if groups > 1 {
					outer, length = 1+i%3, n/(1+i%3)/groups
				}
				n := outer * groups * length
				x, up := make([]float32, n), make([]float32, n)
				r := rand.New(rand.NewPCG(uint64(n), 4))
				for k := range x {
					x[k], up[k] = float32(2*r.NormFloat64()), float32(r.NormFloat64())
				}
				plan := tables.Moments(outer * length)
				if i%2 == 1 { // another grid
					plan.Parts, plan.PartLength = plan.Parts*3, (plan.PartLength/3+Tile-1)/Tile*Tile
					plan.Blocks, plan.Sums = plan.Blocks*3, plan.Sums*3
				}
				var first []float64
				for _, c := range configs {
					got := newGPU(t, tables, outer, length, c).moments(plan, x, up)
					if first == nil {
						first = got
					}
					require.Equal(t, first, got, "%+v", c)
				}
				for k, tab := range tabs {
					got, want := make([]float64, tab.Dim()), make([]float64, tab.Dim())
					sums := first[6*k*tables.Slots : 6*(k+1)*tables.Slots]
					above := sums[6*tab.Pieces():]
					require.NoError(t, tab.Gradient(got, sums[:6*tab.Pieces()], [2]float64{above[0], above[1]}))
					in, inUp := ofGroup(x, outer, groups, length, k), ofGroup(up, outer, groups, length, k)
					for from := 0; from < len(in); from += short {
						to := min(from+short, len(in))
						tab.BackwardTheta32(want, in[from:to], inUp[from:to])
					}
					largest := 0.0
					for _, w := range want {
						largest = math.Max(largest, math.Abs(w))
					}
					for j := range want {
						require.InDelta(t, want[j], got[j], 1e-6*largest, "%v, n = %d, group %d of %d, component %d", v, n, k, groups, j)
						if largest > 0 {
							worst = math.Max(worst, math.Abs(got[j]-want[j])/largest)
						}
					}
				}
			}
		}
	}
	t.Logf("gradient to θ: at most %.2g of the largest component off the CPU's", worst)
}

// TestDiTACLost: one element whose x is NaN, or whose upstream gradient is not finite,
// makes the gradient to θ NaN, wherever it lies; by table and exactly. See table.Evaluator.
func TestDiTACLost(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, v := range curve.Variants() {
		tabs := tablesOf(t, v, 10, 1, scaleOf(v))
		tables := pack(t, tabs)
		for _, lost := range [][2]float64{{nan, 1}, {nan, 0}, {-9, inf}, {-9, nan}, {0.3, -inf}, {0.3, nan}, {9, inf}, {9, nan}, {inf, inf}, {-inf, -inf}, {0, 1}} {
			x, up := make([]float32, 300), make([]float32, 300)
			x64, up64 := make([]float64, 300), make([]float64, 300)
			for k := range x {
				x[k], up[k], x64[k], up64[k] = 0.5, 1, 0.5, 1
			}
			x[270], up[270], x64[270], up64[270] = float32(lost[0]), float32(lost[1]), lost[0], lost[1]
			sums := newGPU(t, tables, 1, len(x), ptxsim.Config{}).moments(tables.Moments(len(x)), x, up)
			dtheta := make([]float64, tabs[0].Dim())
			above := sums[6*tabs[0].Pieces():]
			require.NoError(t, tabs[0].Gradient(dtheta, sums[:6*tabs[0].Pieces()], [2]float64{above[0], above[1]}))
			g, layouts := newExactGPU(t, tabs, 1, len(x), ptxsim.Config{})
			exact := g.moments(x64, up64)
			exactly := make([]float64, tabs[0].Dim())
			n := table.SumsSize * len(layouts[0].Starts)
			require.NoError(t, layouts[0].Gradient(exactly, exact[:n], exact[n]))
			want := lost != [2]float64{0, 1} // which is an element like others
			for k := range dtheta {
				require.Equal(t, want, math.IsNaN(dtheta[k]), "%v, x and g %v: %v", v, lost, dtheta)
				require.Equal(t, want, math.IsNaN(exactly[k]), "%v, x and g %v, exactly: %v", v, lost, exactly)
			}
			dx := g.pass("backward_x_exact_f64", 1, x64, up64)
			require.Equal(t, want, math.IsNaN(dx[270]), "%v, x and g %v: dx %v", v, lost, dx[270])
			require.False(t, math.IsNaN(dx[269]))
		}
	}
}
