package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestOffsets holds the fields' offsets against those that package gen writes into
// the assembly.
func TestOffsets(t *testing.T) {
	var tab Tab
	require.EqualValues(t, 0, unsafe.Offsetof(tab.Scale))
	require.EqualValues(t, 4, unsafe.Offsetof(tab.First))
	require.EqualValues(t, 8, unsafe.Offsetof(tab.Lo))
	require.EqualValues(t, 12, unsafe.Offsetof(tab.Hi))
	require.EqualValues(t, 16, unsafe.Offsetof(tab.LoSlope))
	require.EqualValues(t, 20, unsafe.Offsetof(tab.HiSlope))
	require.EqualValues(t, 24, unsafe.Offsetof(tab.HiOffset))
	require.EqualValues(t, 28, unsafe.Offsetof(tab.LoMin))
	require.EqualValues(t, 32, unsafe.Offsetof(tab.OddBelow))
	require.EqualValues(t, 36, unsafe.Offsetof(tab.OddAbove))
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.EqualValues(t, 40, unsafe.Offsetof(tab.Bins))
		require.EqualValues(t, 64, unsafe.Offsetof(tab.Pieces))
	}
	require.EqualValues(t, 16, unsafe.Sizeof(Bin{}))
	require.EqualValues(t, 32, unsafe.Sizeof(Piece{}))
	require.EqualValues(t, 64, unsafe.Sizeof(Sums{}))
}

// randomTab returns a table of random polynomials: the kernels do not care what
// curve they make. Some pieces and bins are left to the caller.
func randomTab(rng *rand.Rand, tails int) *Tab {
	inf := float32(math.Inf(1))
	t := &Tab{Scale: 4, First: -5, Lo: -1.25, Hi: 2.75, Bins: make([]Bin, 16)}
	switch tails {
	case 0:
		t.SetTails(0, 1, 0, false, false)
	case 1:
		t.SetTails(0.01, 1.5, -0.25, false, true)
	default:
		t.SetTails(nan, nan, 0, true, true)
	}
	t.Pieces = []Piece{NaNPiece}
	for i := range t.Bins {
		start := t.Lo + float32(i)/t.Scale
		b := Bin{Kink: [MaxKinks]float32{inf, inf, inf}, Piece: uint32(len(t.Pieces))}
		kinks := rng.IntN(MaxKinks + 1)
		for k := range kinks {
			b.Kink[k] = start + (float32(k)+rng.Float32())/4/t.Scale
		}
		for range kinks + 1 {
			p := Piece{6: start, 7: t.Scale}
			for j := range 6 {
				p[j] = float32(rng.NormFloat64())
			}
			if rng.IntN(12) == 0 {
				p = NaNPiece
			}
			t.Pieces = append(t.Pieces, p)
		}
		if rng.IntN(12) == 0 {
			b.Piece, b.Kink = 0, [MaxKinks]float32{inf, inf, inf}
		}
		t.Bins[i] = b
	}
	return t
}

// randomFine returns fine grids of random numbers with the range and tails of t.
func randomFine(rng *rand.Rand, t *Tab) (*Lines, *Quads) {
	fine, inf := *t, float32(math.Inf(1))
	fine.First -= FirstInterval
	l := &Lines{Tab: fine, Nodes: []float32{0, 0}}
	q := &Quads{Tab: fine, Kinks: []float32{inf, inf}}
	for k := range t.Bins {
		node, kink := float32(rng.NormFloat64()), t.Bins[k].Kink[0]
		switch rng.IntN(12) {
		case 0:
			node = nan
		case 1:
			kink = nan
		}
		l.Nodes, q.Kinks = append(l.Nodes, node), append(q.Kinks, kink)
	}
	l.Nodes = append(l.Nodes, 1)
	return l, q
}

// elements returns n numbers around the table, special ones among them.
func elements(rng *rand.Rand, t *Tab, n int) []float32 {
	special := []float32{0, float32(math.Copysign(0, -1)), nan, float32(math.Inf(1)), float32(math.Inf(-1)),
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-40, t.Lo, t.Hi,
		math.Nextafter32(t.Lo, -9), math.Nextafter32(t.Hi, -9), t.Lo + 1/t.Scale}
	for _, b := range t.Bins {
		for _, k := range b.Kink {
			special = append(special, k, math.Nextafter32(k, -9))
		}
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = 5*rng.Float32() - 2
		if rng.IntN(6) == 0 {
			x[i] = special[rng.IntN(len(special))]
		}
	}
	return x
}

// guarded returns n elements that start off a vector's boundary, between guard
// words that check asserts to be untouched.
func guarded[T float](t *testing.T, n, offset int) (data []T, check func()) {
	const guard = 16
	word := guardWord[T]()
	all := make([]T, n+2*guard+offset)
	for i := range all {
		all[i] = word
	}
	return all[guard+offset : guard+offset+n : guard+offset+n], func() {
		t.Helper()
		for i, v := range all {
			if i < guard+offset || i >= guard+offset+n {
				require.Equal(t, bitsOf(word), bitsOf(v), "guard word %d", i)
			}
		}
	}
}

type float interface{ float32 | float64 }

// guardWord returns a NaN that no computation gives.
func guardWord[T float]() (word T) {
	switch w := any(&word).(type) {
	case *float32:
		*w = math.Float32frombits(0x7fabcdef)
	case *float64:
		*w = math.Float64frombits(0x7ff0abcdef012345)
	}
	return word
}

func bitsOf[T float](v T) uint64 {
	if v, ok := any(v).(float32); ok {
		return uint64(math.Float32bits(v))
	}
	return math.Float64bits(float64(v))
}

func requireSameBits[T float](t *testing.T, want, got, x []T) {
	t.Helper()
	for i := range want {
		if want[i] != want[i] && got[i] != got[i] {
			continue // the payload of a NaN means nothing
		}
		if bitsOf(want[i]) != bitsOf(got[i]) {
			at := T(i)
			if x != nil {
				at = x[i]
			}
			require.Failf(t, "different bits", "element %d of %d: x = %v, want %v, got %v", i, len(want), at, want[i], got[i])
		}
	}
}

// TestPathsAgree holds the assembly against the specification, bit for bit: all
// lengths to 100, unaligned starts, special numbers, in place.
func TestPathsAgree(t *testing.T) {
	t.Logf("in use: %v", InUse())
	for _, p := range paths[1:] { // without portable, the specification
		t.Run(p.name, func(t *testing.T) {
			if !p.supported() {
				t.Skip("not on this machine")
			}
			usePath(t, p)
			testAgrees(t)
		})
	}
}

func testAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 101 {
		for offset := range 4 {
			tab := randomTab(rng, rng.IntN(3))
			x, checkX := guarded[float32](t, n, offset)
			copy(x, elements(rng, tab, n))
			g, checkG := guarded[float32](t, n, 3-offset)
			copy(g, elements(rng, tab, n))
			got, checkGot := guarded[float32](t, n, offset/2)
			want := make([]float32, n)

			wantOdd := tab.forwardGeneric(want, x)
			require.Equal(t, wantOdd, tab.Forward(got, x), "n = %d", n)
			requireSameBits(t, want, got, x)
			inPlace := append([]float32(nil), x...)
			tab.Forward(inPlace, inPlace)
			requireSameBits(t, want, inPlace, x)

			wantOdd = tab.backwardXGeneric(want, x, g)
			require.Equal(t, wantOdd, tab.BackwardX(got, x, g), "n = %d", n)
			requireSameBits(t, want, got, x)
			inPlace = append([]float32(nil), g...)
			tab.BackwardX(inPlace, x, inPlace)
			requireSameBits(t, want, inPlace, x)

			wantSums, gotSums := make([]Sums, len(tab.Pieces)), make([]Sums, len(tab.Pieces))
			wantOdd = tab.momentsGeneric(wantSums, x, g)
			require.Equal(t, wantOdd, tab.Moments(gotSums, x, g), "n = %d", n)
			for k := range wantSums {
				for half := range wantSums[k] {
					for j := range wantSums[k][half] {
						w, v := wantSums[k][half][j], gotSums[k][half][j]
						if w == w || v == v {
							require.Equal(t, math.Float32bits(w), math.Float32bits(v), "n = %d, moment %d of piece %d", n, j, k)
						}
					}
				}
			}
			lines, quads := randomFine(rng, tab)
			var wantNames, gotNames Odd
			requireNames := func(want, got bool) {
				t.Helper()
				require.Equal(t, want, got, "n = %d", n)
				require.Equal(t, wantNames, gotNames, "n = %d", n)
				require.Equal(t, want, wantNames != Odd{}, "n = %d", n)
				wantNames = Odd{}
			}
			wantOdd = lines.forwardGeneric(want, x, &wantNames, 0)
			requireNames(wantOdd, lines.Forward(got, x, &gotNames))
			requireSameBits(t, want, got, x)

			wantOdd = lines.backwardXGeneric(want, x, g, &wantNames, 0)
			requireNames(wantOdd, lines.BackwardX(got, x, g, &gotNames))
			requireSameBits(t, want, got, x)

			wantQuads, gotQuads := make([]Quad, 2*len(quads.Kinks)), make([]Quad, 2*len(quads.Kinks))
			wantOdd = quads.momentsGeneric(wantQuads, x, g, &wantNames, 0)
			requireNames(wantOdd, quads.Moments(gotQuads, x, g, &gotNames))
			for k := range wantQuads {
				requireSameBits(t, wantQuads[k][:], gotQuads[k][:], nil)
			}

			wantTotal, gotTotal := make([]Sum, len(wantQuads)), make([]Sum, len(wantQuads))
			for range 2 { // the second time, of zeros
				pourGeneric(wantTotal[:n%len(wantTotal)], wantQuads[:n%len(wantTotal)])
				Pour(gotTotal[:n%len(wantTotal)], gotQuads[:n%len(wantTotal)])
				require.Equal(t, fmt.Sprint(wantTotal), fmt.Sprint(gotTotal)) // NaN as NaN
			}
			checkX()
			checkG()
			checkGot()
		}
	}
}

// TestTails: the limits that the curves need.
func TestTails(t *testing.T) {
	tab := randomTab(rand.New(rand.NewPCG(1, 2)), 0)
	inf := float32(math.Inf(1))
	require.Equal(t, math.Float32bits(float32(math.Copysign(0, -1))), math.Float32bits(tab.Value(-inf)))
	require.Equal(t, inf, tab.Value(inf))
	require.Equal(t, float32(0), tab.Slope(-inf))
	require.Equal(t, float32(1), tab.Slope(inf))
	require.True(t, tab.Value(nan) != tab.Value(nan) && tab.Slope(nan) != tab.Slope(nan))
	tab.SetTails(0.5, 1, 0, false, false)
	require.Equal(t, -inf, tab.Value(-inf))
}

func BenchmarkKernels(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	tab := randomTab(rng, 0)
	for k := range tab.Pieces {
		tab.Pieces[k] = Piece{1, 1, 1, 1, 1, 1, 0, 1}
	}
	for _, n := range []int{4096, 1 << 20} {
		x, g, y := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], g[i] = 4*rng.Float32()-1.25, float32(rng.NormFloat64())
		}
		sums := make([]Sums, len(tab.Pieces))
		per := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
			})
		}
		per("copy", func() { copy(y, x) })
		per("forward", func() { tab.Forward(y, x) })
		fine := *tab
		fine.Scale, fine.First = 1024, -1280-FirstInterval
		lines := &Lines{Tab: fine, Nodes: make([]float32, FirstInterval+4096+1)}
		quads := &Quads{Tab: fine, Kinks: make([]float32, FirstInterval+1024)}
		quads.Scale, quads.First = 256, -320-FirstInterval
		for k := range quads.Kinks {
			quads.Kinks[k] = float32(math.Inf(1))
		}
		quadSums := make([]Quad, 2*len(quads.Kinks))
		each := func(f func(from, to int, odd *Odd)) func() {
			var odd Odd
			return func() {
				for from := 0; from < n; from += MaxBlock {
					f(from, from+MaxBlock, &odd)
				}
			}
		}
		per("lines", each(func(from, to int, odd *Odd) { lines.Forward(y[from:to], x[from:to], odd) }))
		per("slopes", each(func(from, to int, odd *Odd) { lines.BackwardX(y[from:to], x[from:to], g[from:to], odd) }))
		per("quads", each(func(from, to int, odd *Odd) { quads.Moments(quadSums, x[from:to], g[from:to], odd) }))
		per("backwardX", func() { tab.BackwardX(y, x, g) })
		per("moments", func() { tab.Moments(sums, x, g) })
		per("forward-generic", func() { tab.forwardGeneric(y, x) })
		per("backwardX-generic", func() { tab.backwardXGeneric(y, x, g) })
		per("moments-generic", func() { tab.momentsGeneric(sums, x, g) })
	}
}
