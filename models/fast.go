package models

import (
	"math"
	"sync"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/table"
)

// fast are the loops of a function for float32 tensors: in float32 arithmetic, or by a
// table. dst may be x or g.
type fast interface {
	// forward sets dst[i] = y(x[i]; p).
	forward(dst, x []float32, p float64)
	// backwardX sets dst[i] = g[i]·∂y/∂x(x[i]; p).
	backwardX(dst, x, g []float32, p float64)
	// backwardParam returns Σ g[i]·∂y/∂p(x[i]; p), with the same bits for any number of
	// processors.
	backwardParam(x, g []float32, p float64) float64
}

// fastSlice is the length of slices, which processors share, where an element takes a
// nanosecond.
const fastSlice = 1 << 15

// value32, slope32 and paramSlope32 are valueOf, slopeOf and paramSlopeOf for float32.

func (o elementwise) value32() func(gop.Call[float32]) error {
	if o.fn.fast == nil {
		return valueOf[float32](o)
	}
	return func(c gop.Call[float32]) error {
		p, err := parameter(o, c)
		if err != nil {
			return err
		}
		o.fn.fast.forward(c.Out, c.In[0], p)
		return nil
	}
}

func (o elementwise) slope32() func(gop.Call[float32]) error {
	if o.fn.fast == nil {
		return slopeOf[float32](o)
	}
	return func(c gop.Call[float32]) error {
		p, g, err := upstream(o, c)
		if err != nil {
			return err
		}
		o.fn.fast.backwardX(c.Out, c.In[0], g, p)
		return nil
	}
}

func (o elementwise) paramSlope32() func(gop.Call[float32]) error {
	if o.fn.fast == nil {
		return paramSlopeOf[float32](o)
	}
	return func(c gop.Call[float32]) error {
		p, g, err := upstream(o, c)
		if err != nil {
			return err
		}
		c.Out[0] = float32(o.fn.fast.backwardParam(c.In[0], g, p))
		return nil
	}
}

// noParam is for functions whose p is not learned.
type noParam struct{}

func (noParam) backwardParam(_, _ []float32, _ float64) float64 { return 0 }

// tableLoops are those of a table of a function at one p, made at first use.
type tableLoops struct {
	noParam
	table func() *table.Function
}

// tabulated gives f the loops of a table at p.
func tabulated(f *function, p float64, spec table.Fixed) *function {
	f.fast = tableLoops{table: tableOf(f, p, spec)}
	return f
}

// tableOf returns the table of f at p, which is made when it is first asked for.
func tableOf(f *function, p float64, spec table.Fixed) func() *table.Function {
	return sync.OnceValue(func() *table.Function {
		spec.Value = func(x float64) float64 { return f.value(x, p) }
		spec.Slope = func(x float64) float64 { return f.dx(x, p) }
		t, err := table.NewFunction(spec)
		if err != nil {
			panic("models: " + f.name + ": " + err.Error()) // not for a spec that is tested
		}
		return t
	})
}

func (l tableLoops) forward(dst, x []float32, _ float64) { l.table().Forward(dst, x) }

func (l tableLoops) backwardX(dst, x, g []float32, _ float64) { l.table().BackwardX(dst, x, g) }

// leakyLoops are those of x for x > 0 and p·x else, without branches, which the signs of
// x would mislead.
type leakyLoops struct{}

const (
	signless = 0x7fffffff // all bits but the sign
	infBits  = 0x7f800000 // of +Inf
	nanBits  = 0x7fc00000
)

// ifPositive returns all bits for an x > 0, whose bits are given, and 0 else, NaN too.
func ifPositive(x uint32) uint32 { return -btou(x-1 < infBits) }

func btou(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func (leakyLoops) forward(dst, x []float32, p float64) {
	slope := float32(p)
	parallel.SlicesOf(len(x), fastSlice).Each(func(_, from, to int) {
		dst, x := dst[from:to], x[from:to]
		if slope == 0 { // 0·−Inf is to be 0
			for i, v := range x {
				dst[i] = max(v, 0)
			}
			return
		}
		for i, v := range x {
			b := math.Float32bits(v)
			m := ifPositive(b)
			dst[i] = math.Float32frombits(b&m | math.Float32bits(slope*v)&^m)
		}
	})
}

func (leakyLoops) backwardX(dst, x, g []float32, p float64) {
	slope := float32(p)
	parallel.SlicesOf(len(x), fastSlice).Each(func(_, from, to int) {
		dst, x, g := dst[from:to], x[from:to], g[from:to]
		for i, v := range x {
			b, e := math.Float32bits(v), g[i]
			m, lost := ifPositive(b), -btou(b&signless > infBits)&nanBits
			dst[i] = math.Float32frombits(math.Float32bits(e)&m | math.Float32bits(slope*e)&^m | lost)
		}
	})
}

// backwardParam sums g·min(x, 0).
func (leakyLoops) backwardParam(x, g []float32, _ float64) float64 {
	return sumOf(parallel.SlicesOf(len(x), fastSlice), func(from, to int) float64 {
		sum := 0.
		for i, v := range x[from:to] {
			sum += float64(g[from+i]) * float64(min(v, 0))
		}
		return sum
	})
}

// swishLoops are those of x·σ(px), by the tables of σ and of SiLU at z = px: y = x·σ(z),
// ∂y/∂x = SiLU′(z), ∂y/∂p = x²·σ′(z).
type swishLoops struct{}

var (
	siluTable    = tableOf(&function{name: "silu", value: siluValue, dx: siluDx}, 1, table.Fixed{Lo: -24, Hi: 24, Width: 1. / 4, Above: identity})
	sigmoidTable = tableOf(&function{name: "sigmoid", value: sigmoidValue, dx: sigmoidDx}, 0, table.Fixed{Lo: -24, Hi: 24, Width: 1. / 4, Above: 1})
)

// swishBlock is the number of elements whose z is computed at once.
const swishBlock = 1024

// eachScaled calls f for blocks of x in slices, with z = p·x and memory for as many
// results.
func eachScaled(x []float32, p float32, f func(from, to int, z, y []float32)) {
	parallel.SlicesOf(len(x), fastSlice).Each(func(_, from, to int) { scaledBlocks(x, p, from, to, f) })
}

// scaledBlocks is eachScaled for one slice.
func scaledBlocks(x []float32, p float32, from, to int, f func(from, to int, z, y []float32)) {
	var z, y [swishBlock]float32
	for ; from < to; from += swishBlock {
		end := min(from+swishBlock, to)
		for i, v := range x[from:end] {
			if z[i] = p * v; p == 0 && v == v {
				z[i] = 0 // for ±Inf too
			}
		}
		f(from, end, z[:end-from], y[:end-from])
	}
}

func (swishLoops) forward(dst, x []float32, p float64) {
	if p == 1 {
		siluTable().Forward(dst, x)
		return
	}
	eachScaled(x, float32(p), func(from, to int, z, y []float32) {
		sigmoidTable().Forward(y, z)
		for i, s := range y {
			if s == 0 { // −Inf·0 is to be 0
				dst[from+i] = 0
			} else {
				dst[from+i] = x[from+i] * s
			}
		}
	})
}

func (swishLoops) backwardX(dst, x, g []float32, p float64) {
	if p == 1 {
		siluTable().BackwardX(dst, x, g)
		return
	}
	eachScaled(x, float32(p), func(from, to int, z, _ []float32) {
		siluTable().BackwardX(dst[from:to], z, g[from:to])
	})
}

func (swishLoops) backwardParam(x, g []float32, p float64) float64 {
	return sumOf(parallel.SlicesOf(len(x), fastSlice), func(from, to int) float64 {
		sum := 0.
		scaledBlocks(x, float32(p), from, to, func(from, to int, z, y []float32) {
			sigmoidTable().BackwardX(y, z, g[from:to])
			for i, d := range y {
				v := float64(x[from+i])
				sum += times(v*v, float64(d)) // 0 at ±Inf
			}
		})
		return sum
	})
}

// sineLoops are those of sin(px).
type sineLoops struct{ noParam }

func (sineLoops) forward(dst, x []float32, p float64) {
	parallel.SlicesOf(len(x), trainedSlice).Each(func(_, from, to int) {
		for i := from; i < to; i++ {
			s, _ := sincos(p * float64(x[i]))
			dst[i] = float32(s)
		}
	})
}

func (sineLoops) backwardX(dst, x, g []float32, p float64) {
	parallel.SlicesOf(len(x), trainedSlice).Each(func(_, from, to int) {
		for i := from; i < to; i++ {
			_, c := sincos(p * float64(x[i]))
			dst[i] = g[i] * float32(p*c)
		}
	})
}
