package ptx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/ptxsim"
	"github.com/ditac-go/ditac/internal/table"
)

// curveAt returns the curve of a variant at some θ.
func curveAt(t testing.TB, v curve.Variant, theta func(k int) float64, cells int, opts ...cpab.Option) *table.Exact {
	t.Helper()
	a, b := v.DefaultDomain()
	space, err := cpab.NewSpace(cells, append([]cpab.Option{cpab.WithDomain(a, b), cpab.WithBoundary(v.DefaultBoundary())}, opts...)...)
	require.NoError(t, err)
	c, err := curve.New(space, v, curve.WithNegativeSlope(0.05))
	require.NoError(t, err)
	of := make([]float64, c.Dim())
	for k := range of {
		of[k] = float64(float32(theta(k)))
	}
	e, err := table.NewExact(table.ShapeOf(c), of)
	require.NoError(t, err)
	thetas[e] = of
	return e
}

// steepOf returns the largest slope of the curve's velocity field.
func steepOf(e *table.Exact) (most float64) {
	for c := range e.Curve.Grid.Cells {
		most = math.Max(most, math.Abs(e.Field.Slope(c)))
	}
	return most
}

// TestCurves wants curves of random θ of all sizes, for every basis, boundary, and domains far
// from 0, narrow and wide, to be the exact ones. What x's own rounding changes is allowed, and
// as much of the domain's.
func TestCurves(t *testing.T) {
	t.Run("float32", testCurves[float32])
	t.Run("float64", testCurves[float64])
}

func testCurves[T real](t *testing.T) {
	eps := 0x1p-24
	if suffix[T]() == "_f64" {
		eps = 0x1p-53
	}
	r := rand.New(rand.NewPCG(8, 0))
	worst, worstX, worstTheta := 0.0, 0.0, 0.0
	for i := range 120 {
		v := curve.Variants()[i%len(curve.Variants())]
		opts := []cpab.Option{cpab.WithBasis([]cpab.Basis{cpab.BasisHat, cpab.BasisQR, cpab.BasisSparse, cpab.BasisRREF, cpab.BasisNodal}[i%5]), cpab.WithBoundary(cpab.Boundary(i / 2 % 2))}
		domain := [][2]float64{{-3, 3}, {1000, 1006}, {-0.01, 0.02}, {-300, 200}}[i%4]
		if v == curve.GE {
			domain = [2]float64{0, domain[1] - domain[0]}
		}
		opts = append(opts, cpab.WithDomain(domain[0], domain[1]))
		slopes := []float64{0, 1e-8, 1e-3, 1, 5, 15}[r.IntN(6)]
		cells := []int{2, 3, 7, 30}[r.IntN(4)]
		e := curveAt(t, v, func(int) float64 { return r.NormFloat64() }, cells, opts...)
		scale := slopes / math.Max(steepOf(e), 1e-9)
		of := thetas[e]
		e = curveAt(t, v, func(k int) float64 { return scale * of[k] }, cells, opts...)
		width := domain[1] - domain[0]
		x := []T{T(domain[0]), T(domain[1])}
		for _, s := range e.Field.Segments(nil, 1) {
			if !math.IsInf(s.From, 0) {
				x = append(x, T(s.From), neighbour(T(s.From), 1), neighbour(T(s.From), -1))
			}
		}
		for range 300 {
			x = append(x, T(domain[0]+width*(1.4*r.Float64()-0.2)))
		}
		if v == curve.Leaky { // but for those at the kink, by rounding on either side of it
			x = slices.DeleteFunc(x, func(x T) bool { return math.Abs(e.Value(float64(x))) < 1e-4*width })
		}
		up := make([]T, len(x))
		for k := range up {
			up[k] = 1
		}
		g := newGPU[T](t, []*table.Exact{e}, 1, len(x), configs[i%len(configs)])
		y := g.elementwise("forward", 0, x, nil, offsets{})
		name := fmt.Sprintf("%d: %v, %d cells on %v, slopes of %v", i, v, cells, domain, slopes)
		for k, x := range x {
			want, slope := e.Jet(float64(x))
			size := math.Abs(float64(x))*(1+math.Abs(slope)) + math.Abs(want) + width
			off := math.Abs(float64(y[k])-want) / (eps * size)
			require.LessOrEqual(t, off, 40.0, "%s: y(%v): want %v, got %v", name, x, want, y[k])
			worst = math.Max(worst, off)
		}
		if slopes > 1 || domain[0] == 1000 {
			continue // the rounding of x alone changes derivatives by more
		}
		dx := g.elementwise("backward_x", 0, x, up, offsets{})
		for k, x := range x {
			_, slope := e.Jet(float64(x))
			if float64(x) < -8 && math.Abs(slope) < 1e-13 {
				slope = 0 // as the kernels have Φ there
			}
			bend := 0.0 // by the rounding of x and of the domain
			for _, off := range []float64{-2 * eps * width, 2 * eps * width} {
				_, there := e.Jet(float64(x) + off)
				bend = math.Max(bend, math.Abs(there-slope))
			}
			off := math.Abs(float64(dx[k])-slope) / (eps*(1+math.Abs(slope)) + bend)
			require.LessOrEqual(t, off, 40.0, "%s: y′(%v): want %v, got %v", name, x, slope, dx[k])
			worstX = math.Max(worstX, off)
		}
		got, want, largest := g.gradient(g.curves.Moments(len(x)), x, up), make([]float64, e.Dim()), 0.0
		for k := range x {
			e.BackwardTheta64(want, []float64{float64(x[k])}, []float64{1})
		}
		for _, d := range want {
			largest = math.Max(largest, math.Abs(d))
		}
		for k, d := range want {
			off := math.Abs(float64(got[k])-d) / (eps * largest)
			require.LessOrEqual(t, off, 100.0, "%s: gradient to θ, component %d: want %v, got %v", name, k, d, got[k])
			worstTheta = math.Max(worstTheta, off)
		}
	}
	t.Logf("roundings off at most: y %.2g, y′ %.2g, gradient to θ %.2g", worst, worstX, worstTheta)
}

// TestCurvesOnce: curves are made once for a θ, and again for another; what is wrong with one
// θ does nothing to others, and is reported again as long as it is so.
func TestCurvesOnce(t *testing.T) {
	exact := exactOf(t, curve.DiTAC, 10, 3, 1)
	x := []float32{-2, -1, 0.5, 1, 2, 2.5}
	g := newGPU[float32](t, exact, 1, 2, ptxsim.Config{})
	y := g.elementwise("forward", 0, x, nil, offsets{})
	again := g.make().Steps
	require.Equal(t, y, g.elementwise("forward", 0, x, nil, offsets{}))

	other := []*table.Exact{exact[0], exactOf(t, curve.DiTAC, 10, 4, 1)[3], exact[2]}
	require.Less(t, 2*again, g.set(other).Steps, "instructions for θ that are those before, and for another")
	moved := g.elementwise("forward", 0, x, nil, offsets{})
	require.Equal(t, []float32{y[0], y[1], y[4], y[5]}, []float32{moved[0], moved[1], moved[4], moved[5]})
	for k := 2; k < 4; k++ {
		require.InDelta(t, other[1].Value(float64(x[k])), moved[k], 1e-6)
	}

	for _, wrong := range []struct {
		theta float32
		fault int
	}{{float32(math.NaN()), 1}, {float32(math.Inf(1)), 1}, {1e3, 2}} {
		theta := numbers[float32](append(append(append([]float64{}, thetas[exact[0]]...), thetas[exact[1]]...), thetas[exact[2]]...))
		theta[9+4] = wrong.theta
		for range 2 {
			g.faults = upload(g.memory, make([]float32, 3), 0)
			g.theta = upload(g.memory, theta, 0)
			g.make()
			for group, word := range download[float32](t, g.memory, g.faults, 3) {
				want := 0
				if group == 1 {
					want = wrong.fault
				}
				require.Equal(t, want, int(math.Float32bits(word)), "θ %v, group %d", wrong.theta, group)
			}
			got := g.elementwise("forward", 0, x, nil, offsets{})
			require.Equal(t, []float32{y[0], y[1], y[4], y[5]}, []float32{got[0], got[1], got[4], got[5]})
			require.Equal(t, []float32{0, 0}, got[2:4])
			up := []float32{1, 1, 1, 1, 1, 1}
			for k, d := range g.gradient(g.curves.Moments(2), x, up) {
				require.Equal(t, k/9 == 1, d != d, "gradient to θ, number %d", k)
			}
		}
		require.Equal(t, int64(wrong.fault), int64(download[float64](t, g.memory, g.fields+uint64(8*(g.curves.field()+1)), 1)[0]))
	}
	g.set(exact)
	require.Equal(t, y, g.elementwise("forward", 0, x, nil, offsets{}))
}

// TestSteepZero: where nothing flows out of a zero of the velocity, φ(x) = x and φ′(x) =
// e^slope, even if the trajectories that stay in its cell begin within less than the spacing of
// numbers.
func TestSteepZero(t *testing.T) {
	t.Run("float32", testSteepZero[float32])
	t.Run("float64", testSteepZero[float64])
}

func testSteepZero[T real](t *testing.T) {
	for _, slope := range []float64{1, 20, 36, 60, 79} {
		for _, zero := range []float64{0, 1.5, 2, 6} { // in cells, from the left
			e := curveAt(t, curve.Plain, func(k int) float64 {
				return slope * min(max(float64(k)-zero, -1), 1) / 6
			}, 6, cpab.WithBoundary(cpab.FreeBoundary), cpab.WithBasis(cpab.BasisNodal))
			require.InDelta(t, slope, steepOf(e), 1e-5*slope)
			x := []T{T(zero - 3)}
			g := newGPU[T](t, []*table.Exact{e}, 1, 1, ptxsim.Config{})
			require.Equal(t, x, g.elementwise("forward", 1, x, nil, offsets{}), "slope %v, zero at %v", slope, x)
			if zero < 6 { // beyond which y = x
				dx := g.elementwise("backward_x", 1, x, []T{1}, offsets{})
				require.InEpsilon(t, math.Exp(steepOf(e)), float64(dx[0]), 1e-4, "slope %v, zero at %v", slope, x)
			}
		}
	}
}
