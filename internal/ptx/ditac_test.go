package ptx

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/shape"
	"github.com/ditac-go/ditac/internal/table"
)

// exactOf returns the curves of a variant at θ drawn from the prior, one for each group.
func exactOf(t testing.TB, v curve.Variant, cells, groups int, scale float64, opts ...cpab.Option) []*table.Exact {
	t.Helper()
	a, b := v.DefaultDomain()
	space, err := cpab.NewSpace(cells, append([]cpab.Option{cpab.WithDomain(a, b), cpab.WithBoundary(v.DefaultBoundary())}, opts...)...)
	require.NoError(t, err)
	prior, err := cpab.NewPrior(space, cpab.KernelCells, 3, 2)
	require.NoError(t, err)
	c, err := curve.New(space, v, curve.WithNegativeSlope(0.05))
	require.NoError(t, err)
	curves := make([]*table.Exact, groups)
	for g := range curves {
		theta := append(prior.Sample(uint64(g)), make([]float64, c.Dim()-space.Dim())...)
		for k := range theta {
			theta[k] = float64(float32(scale * theta[k])) // as float32 holds it, too
		}
		if _, learned := c.Amplification(); learned {
			theta[space.Dim()] = 1.5 + float64(g)
		}
		curves[g], err = table.NewExact(table.ShapeOf(c), theta)
		require.NoError(t, err)
		thetas[curves[g]] = theta
	}
	return curves
}

// thetas are those of the curves that exactOf made.
var thetas = map[*table.Exact][]float64{}

// scaleOf returns the scale of θ for a variant. The transformation over the whole line
// goes too far out if θ is large.
func scaleOf(v curve.Variant) float64 {
	if v == curve.Infinite {
		return 0.2
	}
	return 1
}

// gpu is a memory with an activation's curves and tensors of outer × groups × length
// elements in it.
type gpu[T real] struct {
	t             testing.TB
	memory        *ptxsim.Memory
	config        ptxsim.Config
	curves        Curves
	outer, length int

	theta, seen, fields, parts, ways, faults, shape, normals uint64
}

// newGPU makes the curves on the device.
func newGPU[T real](t testing.TB, exact []*table.Exact, outer, length int, c ptxsim.Config) *gpu[T] {
	t.Helper()
	s := exact[0].Curve
	g := &gpu[T]{t: t, memory: ptxsim.NewMemory(), config: c, outer: outer, length: length}
	g.curves = Curves{Groups: len(exact), Cells: s.Space.Cells(), Dim: s.Dim(), Double: suffix[T]() == "_f64"}
	g.shape = upload(g.memory, Shape(s, g.curves.Double), 0)
	g.normals = upload(g.memory, numbers[T](Normals()), 0)
	fields, parts, ways := g.curves.Sizes()
	g.fields, g.parts, g.ways = g.memory.Alloc(fields), g.memory.Alloc(parts), g.memory.Alloc(ways)
	seen := make([]T, g.curves.Groups*g.curves.Dim)
	for k := range seen {
		seen[k] = T(math.NaN())
	}
	g.seen, g.faults = upload(g.memory, seen, 0), upload(g.memory, make([]float32, g.curves.Groups), 0)
	g.set(exact)
	return g
}

// set makes the curves at other θ.
func (g *gpu[T]) set(exact []*table.Exact) ptxsim.Stats {
	g.t.Helper()
	var theta []T
	for _, e := range exact {
		theta = append(theta, numbers[T](thetas[e])...)
	}
	g.theta = upload(g.memory, theta, 0)
	return g.make()
}

func (g *gpu[T]) make() ptxsim.Stats {
	g.t.Helper()
	c := g.curves
	return g.launch(c.Make(), c.Groups, 0, g.theta, g.seen, g.fields, g.parts, g.ways, g.faults, g.shape, uint64(c.Cells), uint64(c.Dim), uint64(c.Stride()))
}

// numbers returns x as the kernels take it.
func numbers[T real](x []float64) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(v)
	}
	return y
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

// launch runs a kernel, named as module.function.
func (g *gpu[T]) launch(name string, blocks, shared int, args ...uint64) ptxsim.Stats {
	g.t.Helper()
	machine := ptxsim.Machine{Memory: g.memory, Config: g.config}
	stats, err := machine.Launch(kernelOf(g.t, name), ptxsim.Dim{X: blocks, Y: 1, Z: 1}, ptxsim.Dim{X: Tile, Y: 1, Z: 1}, shared, args...)
	require.NoError(g.t, err, name)
	return stats
}

// offsets are how many numbers result, x and gradient lie behind an aligned address.
type offsets struct{ dst, x, up int }

// elementwise runs a pass; blocks is 0 for as many as usual.
func (g *gpu[T]) elementwise(pass string, blocks int, x, up []T, o offsets) []T {
	g.t.Helper()
	name, shared, usual := g.curves.Elementwise(pass, g.outer*g.length)
	if blocks == 0 {
		blocks = usual
	}
	size := g.curves.number()
	dst := g.memory.Alloc(size*len(x)+size*o.dst) + uint64(size*o.dst)
	upAt := uint64(0)
	if up != nil {
		upAt = upload(g.memory, up, o.up)
	}
	g.launch(name, blocks, shared, dst, upload(g.memory, x, o.x), upAt, g.parts, g.normals, g.shape,
		uint64(g.curves.Stride()), uint64(g.length), uint64(g.outer), uint64(g.curves.Groups))
	return download[T](g.t, g.memory, dst, len(x))
}

// gradient returns the gradient to θ.
func (g *gpu[T]) gradient(m Moments, x, up []T) []T {
	g.t.Helper()
	c := g.curves
	sums := g.memory.Alloc(8 * m.Sums)
	g.launch(m.Kernel, m.Blocks, m.Shared, sums, upload(g.memory, x, 0), upload(g.memory, up, 0), g.parts, g.ways, g.normals, g.shape,
		uint64(c.Stride()), uint64(g.length), uint64(g.outer), uint64(c.Groups), uint64(m.Shares), uint64(m.ShareLength), uint64(m.Slots), uint64(m.Owners))
	if m.ReduceBlocks > 0 {
		result := g.memory.Alloc(8 * m.Result)
		g.launch("ditac.reduce_moments", m.ReduceBlocks, 0, result, sums, uint64(m.Count), uint64(m.Shares), uint64(c.Groups))
		sums = result
	}
	dtheta := g.memory.Alloc(c.number() * c.Groups * c.Dim)
	g.launch(c.Close(), c.Groups, 0, dtheta, sums, g.fields, g.shape, uint64(c.Cells), uint64(c.Dim))
	return download[T](g.t, g.memory, dtheta, c.Groups*c.Dim)
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

// elementsFor returns n elements: limits, those next to the starts of parts and to the ends of
// the domain, and normal numbers.
func elementsFor[T real](e *table.Exact, n int, seed uint64) []T {
	r := rand.New(rand.NewPCG(seed, 1))
	special := append(limits[T](), T(e.Curve.Grid.A), T(e.Curve.Grid.B))
	segments := e.Field.Segments(nil, 1)
	x := make([]T, n)
	for i := range x {
		switch k := r.IntN(8); {
		case k == 0:
			x[i] = special[r.IntN(len(special))]
		case k == 1:
			x[i] = T(segments[1+r.IntN(len(segments)-1)].From)
		case k == 2:
			x[i] = neighbour(T(segments[1+r.IntN(len(segments)-1)].From), 2*r.IntN(2)-1)
		default:
			x[i] = T(2 * r.NormFloat64())
		}
	}
	return x
}

// neighbour returns the next number in a direction.
func neighbour[T real](x T, direction int) T {
	switch x := any(x).(type) {
	case float32:
		return T(math.Nextafter32(x, float32(math.Inf(direction))))
	case float64:
		return T(math.Nextafter(x, math.Inf(direction)))
	}
	panic("unreachable")
}

// gradients returns n upstream gradients, a few of them NaN or infinite.
func gradients[T real](n int) []T { return inputs[T](n, 3, 1e3) }

// worst are the largest errors of y, of the gradient to x and of that to θ.
type worst [3]float64

// requireClose wants got to be want within allowed·max(1, |want|).
func requireClose(t testing.TB, want, got, allowed float64, worst *float64, format string, args ...any) {
	t.Helper()
	if want == got || math.IsNaN(want) && math.IsNaN(got) {
		return
	}
	off := math.Abs(got-want) / math.Max(1, math.Abs(want))
	if !(off <= allowed) {
		require.Failf(t, "too far off", format+": want %v, got %v, %.3g off", append(args, want, got, off)...)
	}
	*worst = math.Max(*worst, off)
}

// tolerances are what the results of T may be off, relative to the larger of 1 and the
// result; for the gradient to θ, to the largest component. See the tests.
func tolerances[T real]() worst {
	if suffix[T]() == "_f64" {
		return worst{1e-13, 1e-12, 1e-13}
	}
	return worst{2e-6, 2e-6, 1e-6}
}

// requireJets wants y and g·y′ of elements to be the exact ones.
func requireJets[T real](t testing.TB, e *table.Exact, x, up, y, dx []T, w *worst) {
	t.Helper()
	allowed := tolerances[T]()
	for j, x := range x {
		wantY, slope := e.Jet(float64(x))
		g := float64(up[j])
		requireClose(t, float64(T(wantY)), float64(y[j]), allowed[0], &w[0], "%v, y(%v)", e.Curve.Variant.Name, x)
		if e.Curve.Variant.Inside == shape.Side && math.Abs(wantY) < 1e-6 {
			continue // by rounding on either side of the kink
		}
		size := math.Max(1, math.Abs(g))
		if math.IsInf(size, 0) {
			size = 1
		}
		requireClose(t, float64(T(g*(slope+0*g)))/size, float64(dx[j])/size, allowed[1], &w[1], "%v, %v·y′(%v)", e.Curve.Variant.Name, g, x)
	}
}

// requireGradient wants the gradient to θ of one group to be the exact one.
func requireGradient[T real](t testing.TB, e *table.Exact, x, up, got []T, w *worst, format string, args ...any) {
	t.Helper()
	want := make([]float64, e.Dim())
	for j := range x {
		e.BackwardTheta64(want, []float64{float64(x[j])}, []float64{float64(up[j])})
	}
	largest := 1.0
	for _, d := range want {
		largest = math.Max(largest, math.Abs(d))
	}
	for j := range want {
		requireClose(t, want[j]/largest, float64(got[j])/largest, tolerances[T]()[2], &w[2], format+", component %d", append(args, j)...)
	}
}

// layouts are how the elements of n tensors lie: outer × groups × length.
func layoutOf(i, n, groups int) (outer, length int) {
	if groups == 1 {
		return 1, n
	}
	return 1 + i%3, n / (1 + i%3) / groups
}

// TestDiTACElementwise wants the forward pass and the gradient to x to be those of the exact
// evaluation, for all variants, sizes, grids, orders of threads, and unaligned tensors.
func TestDiTACElementwise(t *testing.T) {
	t.Run("float32", testElementwise[float32])
	t.Run("float64", testElementwise[float64])
}

func testElementwise[T real](t *testing.T) {
	var w worst
	for _, v := range curve.Variants() {
		for _, groups := range []int{1, 3} {
			exact := exactOf(t, v, 10, groups, scaleOf(v))
			for i, n := range sizes {
				outer, length := layoutOf(i, n, groups)
				n := outer * groups * length
				x, up := elementsFor[T](exact[0], n, 1), gradients[T](n)
				g := newGPU[T](t, exact, outer, length, configs[i%len(configs)])
				blocks := []int{0, groups, 5 * groups}[i%3]
				y := g.elementwise("forward", blocks, x, nil, offsets{i % 4, i % 4, 0})
				dx := g.elementwise("backward_x", blocks, x, up, offsets{i % 2, i % 2, i % 2})
				for k := range groups {
					of := func(x []T) []T { return ofGroup(x, outer, groups, length, k) }
					requireJets(t, exact[k], of(x), of(up), of(y), of(dx), &w)
				}
			}
		}
	}
	t.Logf("at most %.2g off in y, %.2g in the gradient to x", w[0], w[1])
}

// TestDiTACUnaligned: each tensor by itself may lie where vectors do not, which changes no bit.
func TestDiTACUnaligned(t *testing.T) {
	t.Run("float32", testUnaligned[float32])
	t.Run("float64", testUnaligned[float64])
}

func testUnaligned[T real](t *testing.T) {
	var w worst
	exact := exactOf(t, curve.DiTAC, 10, 1, 1)
	const n = 1030
	x, up := elementsFor[T](exact[0], n, 1), gradients[T](n)
	g := newGPU[T](t, exact, 1, n, ptxsim.Config{})
	wantY, wantDx := g.elementwise("forward", 1, x, nil, offsets{}), g.elementwise("backward_x", 1, x, up, offsets{})
	requireJets(t, exact[0], x, up, wantY, wantDx, &w)
	for k := 1; k < 4; k++ {
		for which := range 8 {
			o := offsets{k * (which & 1), k * (which >> 1 & 1), k * (which >> 2)}
			requireBits(t, wantY, g.elementwise("forward", 1, x, nil, o), "forward, %+v", o)
			requireBits(t, wantDx, g.elementwise("backward_x", 1, x, up, o), "gradient to x, %+v", o)
		}
	}
}

// requireBits wants the same bits but for the payload of NaN.
func requireBits[T real](t testing.TB, want, got []T, format string, args ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if want[i] != want[i] && got[i] != got[i] {
			continue
		}
		if want[i] != got[i] || math.Signbit(float64(want[i])) != math.Signbit(float64(got[i])) {
			require.Failf(t, "different bits", format+": element %d: %v, %v", append(args, i, want[i], got[i])...)
		}
	}
}

// TestDiTACLong: curves of more parts than a block's shared memory holds, in other kernels.
func TestDiTACLong(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testLong[float32](t, 1000, "") })
	t.Run("float64", func(t *testing.T) { testLong[float64](t, 400, "") })
	t.Run("without a tree in shared memory", func(t *testing.T) { testLong[float64](t, 2500, "ditac.moments_long_f64") })
}

func testLong[T real](t *testing.T, cells int, moments string) {
	var w worst
	exact := exactHat(t, cells)
	x, up := elementsFor[T](exact[0], 1000, 1), make([]T, 1000)
	for i := range x {
		up[i] = 1
		if x[i] != x[i] || math.IsInf(float64(x[i]), 0) {
			x[i] = 0.5
		}
	}
	g := newGPU[T](t, exact, 1, len(x), ptxsim.Config{})
	name, shared, _ := g.curves.Elementwise("forward", len(x))
	require.Equal(t, "ditac.forward_long"+suffix[T](), name)
	require.Zero(t, shared)
	plan := g.curves.Moments(len(x))
	if moments != "" {
		require.Equal(t, moments, plan.Kernel)
	}
	requireJets(t, exact[0], x, up, g.elementwise("forward", 2, x, nil, offsets{}), g.elementwise("backward_x", 2, x, up, offsets{}), &w)
	requireGradient(t, exact[0], x, up, g.gradient(plan, x, up), &w, "%d cells", cells)
}

// exactHat returns a curve of many cells, each with an affine field of its own.
func exactHat(t testing.TB, cells int) []*table.Exact {
	t.Helper()
	space, err := cpab.NewSpace(cells, cpab.WithDomain(-3, 3), cpab.WithBasis(cpab.BasisHat))
	require.NoError(t, err)
	c, err := curve.New(space, curve.DiTAC)
	require.NoError(t, err)
	theta := make([]float64, c.Dim())
	for k := range theta {
		theta[k] = float64(float32(math.Sin(float64(k)) + 2*math.Sin(float64(k)/40)))
	}
	e, err := table.NewExact(table.ShapeOf(c), theta)
	require.NoError(t, err)
	thetas[e] = theta
	return []*table.Exact{e}
}

// TestDiTACMoments wants the gradient to θ to be the exact evaluation's, and the same bits for
// all orders of threads.
func TestDiTACMoments(t *testing.T) {
	t.Run("float32", testMoments[float32])
	t.Run("float64", testMoments[float64])
}

func testMoments[T real](t *testing.T) {
	var w worst
	for _, v := range curve.Variants() {
		for _, groups := range []int{1, 3} {
			exact := exactOf(t, v, 10, groups, scaleOf(v))
			for i, n := range sizes {
				outer, length := layoutOf(i, n, groups)
				n := outer * groups * length
				r := rand.New(rand.NewPCG(uint64(n), 4))
				x, up := make([]T, n), make([]T, n)
				for k := range x {
					x[k], up[k] = T(2*r.NormFloat64()), T(r.NormFloat64())
				}
				var first []T
				for _, c := range configs {
					g := newGPU[T](t, exact, outer, length, c)
					plan := g.curves.Moments(outer * length)
					if i%2 == 1 { // another grid
						plan = g.curves.divide(outer*length, 3*plan.Shares)
					}
					got := g.gradient(plan, x, up)
					if first == nil {
						first = got
					}
					require.Equal(t, first, got, "%+v", c)
				}
				for k, e := range exact {
					of := func(x []T) []T { return ofGroup(x, outer, groups, length, k) }
					requireGradient(t, e, of(x), of(up), first[k*e.Dim():(k+1)*e.Dim()], &w, "%v, n = %d, group %d of %d", v, n, k, groups)
				}
			}
		}
	}
	t.Logf("at most %.2g of the largest component off", w[2])
}

// TestDiTACLost: one element whose x is NaN, or whose upstream gradient is not finite,
// makes the gradient to θ NaN, wherever it lies. See table.Evaluator.
func TestDiTACLost(t *testing.T) {
	t.Run("float32", testLost[float32])
	t.Run("float64", testLost[float64])
}

func testLost[T real](t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, v := range curve.Variants() {
		exact := exactOf(t, v, 10, 1, scaleOf(v))
		for _, lost := range [][2]float64{{nan, 1}, {nan, 0}, {-9, inf}, {-9, nan}, {0.3, -inf}, {0.3, nan}, {9, inf}, {9, nan}, {inf, inf}, {-inf, -inf}, {0, 1}} {
			x, up := make([]T, 300), make([]T, 300)
			for k := range x {
				x[k], up[k] = 0.5, 1
			}
			x[270], up[270] = T(lost[0]), T(lost[1])
			g := newGPU[T](t, exact, 1, len(x), ptxsim.Config{})
			want := lost != [2]float64{0, 1} // which is an element like others
			for _, d := range g.gradient(g.curves.Moments(len(x)), x, up) {
				require.Equal(t, want, d != d, "%v, x and g %v", v, lost)
			}
			dx := g.elementwise("backward_x", 1, x, up, offsets{})
			require.Equal(t, want, dx[270] != dx[270], "%v, x and g %v: dx %v", v, lost, dx[270])
			require.False(t, dx[269] != dx[269])
		}
	}
}

// TestMoments: what the kernels of the gradient to θ have of shared memory is what is counted
// with.
func TestMomentsShared(t *testing.T) {
	require.Equal(t, momentsShared, kernel(t, "ditac", "moments_f64").Shared())
	for _, double := range []bool{false, true} {
		for cells := 1; cells < 1<<16; cells *= 3 {
			c := Curves{Groups: 1, Cells: cells, Dim: cells - 1, Double: double}
			m := c.Moments(1000)
			require.LessOrEqual(t, m.Shared+momentsShared, MaxShared)
			_, shared, _ := c.Elementwise("forward", 1000)
			require.LessOrEqual(t, shared, MaxShared)
		}
	}
}
