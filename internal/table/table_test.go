package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/shape"
	"github.com/ditac-go/ditac/internal/shape/shapetest"
	"github.com/stretchr/testify/require"
)

// thetas returns how many θ TestTableError draws: DITAC_THETAS in the environment, or
// 300.
func thetas(t *testing.T) int {
	text := os.Getenv("DITAC_THETAS")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "DITAC_THETAS")
	return n
}

// record keeps the largest of a kind of error, as a share of what is allowed, and
// reports the largest of each θ that is larger than that.
type record struct {
	kind  string
	worst failure
	over  int     // θ with an error that is too large
	now   failure // the largest of this θ
}

type failure struct {
	share, got, want, allowed float64
	where                     string
}

func (f *failure) String() string {
	return fmt.Sprintf("%s: %v, exact %v, off by %.3g, allowed %.3g", f.where, f.got, f.want, math.Abs(f.got-f.want), f.allowed)
}

func (r *record) add(got, want, allowed float64, where func() string) {
	share := math.Abs(got-want) / allowed
	switch {
	case got == want: // infinities, too
		return
	case share != share:
		share = math.Inf(1)
	}
	if share > r.now.share {
		r.now = failure{share, got, want, allowed, where()}
	}
}

// maxReports bounds the θ whose errors a record reports one by one.
const maxReports = 10

// done ends a θ.
func (r *record) done(t *testing.T) {
	t.Helper()
	if r.now.share > 1 {
		if r.over++; r.over <= maxReports {
			t.Errorf("%s: %v", r.kind, &r.now)
		} else {
			t.Fail()
		}
	}
	if r.now.share > r.worst.share {
		r.worst = r.now
	}
	r.now = failure{}
}

// tableElements returns float32 numbers to hold a table against the exact curve: all
// over the domain, with those next to every breakpoint, and beyond.
func tableElements(tab *Table, rng *rand.Rand) []float32 {
	var x []float32
	a, b := tab.exact.Curve.Grid.A, tab.exact.Curve.Grid.B
	for range 160 {
		x = append(x, float32(a+(b-a)*rng.Float64()))
	}
	for range 80 {
		x = append(x, float32(a+(b-a)*(3*rng.Float64()-1)))
	}
	for range 20 {
		x = append(x, float32(rng.NormFloat64()*math.Pow(10, 8*rng.Float64())))
	}
	inf := float32(math.Inf(1))
	near := func(v float32) {
		x = append(x, v, math.Nextafter32(v, inf), math.Nextafter32(v, -inf))
	}
	near(0)
	near(float32(a))
	near(float32(b))
	near(tab.tab.Lo)
	near(tab.tab.Hi)
	for range 60 {
		near(tab.list[rng.IntN(len(tab.list))].first)
	}
	for i := range tab.segments {
		if from := tab.segments[i].From; !math.IsInf(from, 0) {
			near(float32(from))
		}
	}
	return append(x, 1e30, -1e30, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32)
}

// TestTableError holds y, y′ and ∂y/∂θ of tables against the exact curve, over the
// domain and beyond, for θ from the prior times 0 to 8. Each is held twice: by pieces,
// which short slices get, and by fine grids, which long ones get.
const long = elementsPerQuad * maxIntervals // a slice that pays for any grid

func TestTableError(t *testing.T) {
	scales := []float64{0, 0.1, 0.5, 1, 2, 4, 8}
	const eps = 0x1p-24
	y, dy, dtheta := &record{kind: "y"}, &record{kind: "y′"}, &record{kind: "∂y/∂θ"}
	fineY, fineDy, fineDtheta := &record{kind: "y by lines"}, &record{kind: "y′ by lines"}, &record{kind: "∂y/∂θ by quads"}
	// Where y′ jumps, it is a convention that is held: on the upper end of the domain
	// and on Leaky's kink.
	atEnd, atKink := &record{kind: "y′ at the upper end"}, &record{kind: "y′ or ∂y/∂θ at T(x) = 0"}
	records := []*record{y, dy, dtheta, fineY, fineDy, fineDtheta, atEnd, atKink}
	elements, withLines, withSlopes, withQuads := 0, 0, 0, 0
	n := thetas(t)
	for id := range uint64(n) {
		rng := rand.New(rand.NewPCG(id, 2))
		v := shapetest.Variants()[id%uint64(len(shapetest.Variants()))]
		scale := scales[id/uint64(len(shapetest.Variants()))%uint64(len(scales))]
		cells := 2 + rng.IntN(29)
		c := shapetest.Default(t, v, cells)
		tab, err := newTable(c, shapetest.PriorTheta(t, c, id, scale), DefaultTolerance)
		require.NoError(t, err)
		a, b := c.Space.Domain()
		tol := DefaultTolerance * (b - a)
		require.Equal(t, tol, tab.tol)

		x := tableElements(tab, rng)
		elements += len(x)
		got, slope, one := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
		for i := range one {
			one[i] = 1
		}
		tab.forward(got, x, nil)
		tab.backwardX(slope, x, one, nil)
		lines, slopes, quads := tab.fine.linesFor(long), tab.fine.slopesFor(long), tab.fine.quadsFor(long)
		fineGot, fineSlope := make([]float32, len(x)), make([]float32, len(x))
		if lines != nil {
			withLines++
			tab.forward(fineGot, x, lines)
		}
		if slopes != nil {
			withSlopes++
			tab.backwardX(fineSlope, x, one, slopes)
		}
		if quads != nil {
			withQuads++
		}
		gt, we := make([]float64, tab.Dim()), make([]float64, tab.Dim())
		for i := range x {
			where := func() string {
				return fmt.Sprintf("%v, %d cells, prior ×%v, seed %d, x = %v", v, cells, scale, id, x[i])
			}
			wy, wd := tab.exact.Jet(float64(x[i]))
			if math.Abs(wy) > math.MaxFloat32 { // its float32 is infinite
				wy = math.Copysign(math.Inf(1), wy)
			}
			allowed := tol + 8*eps*math.Max(1, math.Abs(wy))
			y.add(float64(got[i]), wy, allowed, where)
			if lines != nil {
				fineY.add(float64(fineGot[i]), wy, allowed, where)
			}
			toX, toTheta, fineToX, fineToTheta := dy, dtheta, fineDy, fineDtheta
			switch {
			case v == shapetest.Leaky && wy == 0:
				toX, toTheta, fineToX, fineToTheta = atKink, atKink, atKink, atKink
			case float64(x[i]) == b:
				toX, fineToX = atEnd, atEnd
			}
			allowed = (tol + 8*eps) * math.Max(1, math.Abs(wd))
			toX.add(float64(slope[i]), wd, allowed, where)
			if slopes != nil {
				fineToX.add(float64(fineSlope[i]), wd, allowed, where)
			}
			clear(gt)
			clear(we)
			tab.backwardTheta(gt, x[i:i+1], one[:1], nil)
			tab.exact.BackwardTheta32(we, x[i:i+1], one[:1])
			largest := 1.0
			for _, w := range we {
				largest = math.Max(largest, math.Abs(w))
			}
			add := func(r *record) {
				for k := range gt {
					r.add(gt[k], we[k], 2*tol*largest, func() string { return fmt.Sprintf("component %d, %s", k, where()) })
				}
			}
			add(toTheta)
			if quads != nil {
				clear(gt)
				tab.backwardTheta(gt, x[i:i+1], one[:1], quads)
				add(fineToTheta)
			}
		}
		for _, r := range records {
			r.done(t)
		}
	}
	t.Logf("%d θ, %d elements; largest error ÷ allowed: y %.3f, y′ %.3f, ∂y/∂θ %.3f; on fine grids y %.3f (%d θ), y′ %.3f (%d θ), ∂y/∂θ %.3f (%d θ); where y′ jumps %.3g", n, elements,
		y.worst.share, dy.worst.share, dtheta.worst.share, fineY.worst.share, withLines, fineDy.worst.share, withSlopes, fineDtheta.worst.share, withQuads,
		math.Max(atEnd.worst.share, atKink.worst.share))
	for _, r := range records {
		if r.over > 0 {
			t.Logf("%s: %d of %d θ have errors that are not allowed, the largest %v", r.kind, r.over, n, &r.worst)
		}
	}
}

// TestGrid: whatever the domain, the grids of bins and of lines begin and end where
// the table does, so that no element finds a bin beside them; and y keeps its bound.
// The kernels do not look.
func TestGrid(t *testing.T) {
	const eps = 0x1p-24
	n, crooked := thetas(t), 0
	for id := range uint64(10 * n) {
		rng := rand.New(rand.NewPCG(id, 9))
		v := shapetest.Variants()[rng.IntN(len(shapetest.Variants()))]
		a, b := -math.Pow(10, 3*rng.Float64()-1.5), math.Pow(10, 3*rng.Float64()-1.5)
		if v == shapetest.GE {
			a = 0
		}
		s, err := cpab.NewSpace(2+rng.IntN(29), cpab.WithDomain(a, b), cpab.WithBoundary(v.Boundary()))
		require.NoError(t, err)
		c := shapetest.New(t, s, v, 0.05)
		tab, err := newTable(c, shapetest.PriorTheta(t, c, id, []float64{0, 0.2, 1, 2}[rng.IntN(4)]), DefaultTolerance)
		require.NoError(t, err)
		lo, hi := float64(tab.tab.Lo), float64(tab.tab.Hi)
		grid := func(scale float32, first int32, count int) bool {
			width := 1 / float64(scale)
			return float64(first)*width == lo && float64(first+int32(count))*width == hi
		}
		where := fmt.Sprintf("%v, %d cells on [%v,%v], seed %d: Lo %v, Hi %v", v, s.Cells(), a, b, id, lo, hi)
		if !grid(tab.tab.Scale, tab.tab.First, len(tab.tab.Bins)) {
			if crooked++; crooked <= maxReports {
				t.Errorf("%s: %d bins of width %v from number %d", where, len(tab.tab.Bins), 1/tab.tab.Scale, tab.tab.First)
			}
			continue // the kernels would read beside the bins
		}
		if id%8 == 0 {
			if l := tab.fine.linesFor(long); l != nil {
				require.True(t, grid(l.Scale, l.First+kernel.FirstInterval, len(l.Nodes)-kernel.FirstInterval-1), "%s: lines", where)
			}
			if l := tab.fine.slopesFor(long); l != nil {
				require.True(t, grid(l.Scale, l.First+kernel.FirstInterval, len(l.Nodes)-kernel.FirstInterval-1), "%s: slopes", where)
			}
			if q := tab.fine.quadsFor(long); q != nil {
				require.True(t, grid(q.Scale, q.First+kernel.FirstInterval, len(q.Kinks)-kernel.FirstInterval), "%s: quads", where)
			}
		}
		var x []float32
		for _, end := range []float32{tab.tab.Lo, tab.tab.Hi, float32(a), float32(b)} {
			x = append(x, end, math.Nextafter32(end, float32(math.Inf(1))), math.Nextafter32(end, float32(math.Inf(-1))))
		}
		for range 20 {
			x = append(x, float32(lo+(hi-lo)*rng.Float64()))
		}
		y := make([]float32, len(x))
		tab.Forward32(y, x)
		for i := range x {
			want := tab.exact.Value(float64(x[i]))
			require.InDelta(t, want, y[i], tab.tol+8*eps*math.Max(1, math.Abs(want)), "%s, x = %v", where, x[i])
		}
	}
	if crooked > 0 {
		t.Errorf("%d of %d grids do not begin or end where their table does", crooked, 10*n)
	}
}

// TestFarOff: domains far from 0, small and large ones, short slices and long ones.
func TestFarOff(t *testing.T) {
	for _, d := range [][2]float64{{1000, 1001}, {1e5, 1e5 + 1}, {1e6, 1e6 + 0.5}, {1e6, 1e6 + 1e-3}, {-1e9, -1e9 + 100}, {-3e4, -3e4 + 0.1},
		{1e-30, 2e-30}, {-1e-20, 1e-20}, {1e20, 2e20}, {-1e30, 1e30}, {-3, 1e6}} {
		for _, v := range shapetest.Variants() {
			if v == shapetest.GE || v == shapetest.Infinite && d[1] > 1e5 { // the whole line overflows
				continue
			}
			s, err := cpab.NewSpace(10, cpab.WithDomain(d[0], d[1]), cpab.WithBoundary(v.Boundary()))
			require.NoError(t, err)
			c := shapetest.New(t, s, v, 0.1)
			width := d[1] - d[0]
			theta := make([]float64, c.Dim())
			for k := range s.Dim() {
				theta[k] = 0.1 * width
			}
			tab, err := newTable(c, theta, DefaultTolerance)
			require.NoError(t, err)
			for _, n := range []int{1000, 50_000} {
				x, y := make([]float32, n), make([]float32, n)
				for i := range x {
					x[i] = float32(d[0] + width*(1.2*float64(i)/float64(n)-0.1))
				}
				tab.Forward32(y, x)
				tab.backwardX(y, x, x, tab.fine.slopesFor(n)) // no element finds an interval that is not there
				tab.BackwardTheta32(make([]float64, c.Dim()), x, x)
				tab.Forward32(y, x)
				for i := range x {
					want := tab.exact.Value(float64(x[i]))
					require.InDelta(t, want, y[i], 2e-6*width+1e-6*math.Abs(want), "%v on %v, x = %v", v, d, x[i])
				}
			}
		}
	}
}

func BenchmarkTableMake(b *testing.B) {
	c := shapetest.Default(b, shapetest.DiTAC, 10)
	for _, scale := range []float64{0, 1, 4} {
		benchmarkMake(b, fmt.Sprintf("10 cells, prior ×%v", scale), c, shapetest.PriorTheta(b, c, 3, scale))
	}
	s, err := cpab.NewSpace(30, cpab.WithDomain(-2, 2), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(b, err)
	c = shapetest.New(b, s, shapetest.DiTAC, 0)
	theta := make([]float64, s.Dim())
	benchmarkMake(b, "30 cells, identity", c, theta)
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range theta {
		theta[k] = 0.12 * rng.NormFloat64()
	}
	benchmarkMake(b, "30 cells, rough", c, theta)
}

func benchmarkMake(b *testing.B, name string, c *shape.Curve, theta []float64) {
	b.Run(name, func(b *testing.B) {
		tab, err := newTable(c, theta, DefaultTolerance)
		require.NoError(b, err)
		for b.Loop() {
			if err := tab.exact.Reset(theta); err != nil {
				b.Fatal(err)
			}
			tab.Reset()
		}
		b.ReportMetric(float64(tab.Pieces()), "pieces")
		b.ReportMetric(float64(len(tab.tab.Bins)), "bins")
		b.ReportMetric(float64(tab.hardBins()), "hard")
	})
	b.Run(name+", close", func(b *testing.B) {
		tab, _ := newTable(c, theta, DefaultTolerance)
		sums := make([]moments, len(tab.tab.Pieces))
		for k := 1; k < len(sums); k++ {
			sums[k] = moments{1, .1, .1, .02, .02, .01}
		}
		dv := make([]float64, c.Space.Cells()+1)
		for b.Loop() {
			tab.closeMoments(dv, sums)
		}
	})
}

func BenchmarkTable(b *testing.B) {
	c := shapetest.Default(b, shapetest.DiTAC, 10)
	tab, _ := newTable(c, shapetest.PriorTheta(b, c, 3, 1), DefaultTolerance)
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

// BenchmarkFine measures what the grids of long slices cost to make.
func BenchmarkFine(b *testing.B) {
	c := shapetest.Default(b, shapetest.DiTAC, 10)
	tab, err := newTable(c, shapetest.PriorTheta(b, c, 1, 1), DefaultTolerance)
	require.NoError(b, err)
	run := func(name string, get func() int) {
		b.Run(name, func(b *testing.B) {
			intervals := 0
			for b.Loop() {
				tab.fine.reset()
				intervals = get()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(intervals), "ns/interval")
		})
	}
	run("lines", func() int { return len(tab.fine.linesFor(long).Nodes) })
	run("slopes", func() int { return len(tab.fine.slopesFor(long).Nodes) })
	run("quads", func() int { return len(tab.fine.quadsFor(long).Kinks) })
}
