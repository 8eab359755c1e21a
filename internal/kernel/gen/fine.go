package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	nodeShift = U8(2) // nodes and kinks have 4 bytes
	quadShift = U8(4) // a Quad has 16 bytes
)

// fine are the passes over a block of a kernel on a fine grid. Each notes the elements
// that are left to the caller, a bit for each.
type fine struct {
	*loop
	params
	note reg.Register // where the next bits go
}

// onFine is a kernel on a fine grid: place finds the elements' intervals, passes are the
// kernel's own, of which the last notes, and finish is one more for blocks with elements
// outside.
func onFine(name, does, signature string, streams, others []string, passes func(c *fine, pass func(string, func())), finish func(c *fine)) {
	kernel(name, does, signature, streams, append(others, "odd"), func(l *loop, p params, pass func(string, func())) {
		c := &fine{l, p, GP64()}
		MOVQ(p["odd"], c.note)
		inside := all()
		l.keep(grid, func() { pass("place", func() { l.place(inside) }) })
		passes(c, pass)
		CMPL(inside.bits(), U32(1<<lanes-1))
		JEQ(LabelRef("finished"))
		MOVQ(p["odd"], c.note)
		pass("finish", func() { finish(c) })
		Label("finished")
		MOVQ(c.note, p["odd"])
	})
}

// place stores the byte offsets of the lanes' intervals and the lanes' places in them,
// both 0 for lanes outside, and takes from all the lanes outside.
func (l *loop) place(all mask) {
	x, inside := l.load()
	all.and(inside)
	VMULPS(l.broadcast("Scale"), x, x)
	interval := take()
	floor(x, interval)
	VSUBPS(interval, x, x)
	inside.clear(x)
	VMOVUPS(x, l.places())
	VCVTTPS2DQ(interval, interval)
	VPSUBD(l.broadcast("First"), interval, interval)
	inside.clear(interval)
	VPSLLD(nodeShift, interval, interval)
	VMOVUPS(interval, l.offsets())
}

// places is where place leaves the lanes' places in their intervals.
func (l *loop) places() Mem { return l.offsets().Offset(4 * blockLen) }

// noteNaN notes the lanes of v that are NaN.
func (c *fine) noteNaN(v vector) {
	scratch(func() {
		nan := isNaN(v)
		c.odd.or(nan)
		MOVB(nan.bits().As8(), Mem{Base: c.note})
	})
	ADDQ(Imm(lanes/8), c.note)
}

// alsoNote notes the lanes that body adds to odd, which is empty.
func (c *fine) alsoNote(body func(odd mask)) {
	odd := none()
	body(odd)
	c.odd.or(odd)
	ORB(odd.bits().As8(), Mem{Base: c.note})
	ADDQ(Imm(lanes/8), c.note)
}

func lines() {
	onFine("lines", "Lines.Forward",
		"func(dst, x *float32, n int, t, nodes *float32, odd *uint8) uint64", []string{"dst"}, []string{"nodes"},
		func(c *fine, pass func(string, func())) {
			pass("evaluate", func() {
				y := c.line()
				c.noteNaN(y)
				VMOVUPS(y, c.next(c.params["dst"]))
			})
		},
		func(c *fine) {
			x, inside := c.load()
			y := take()
			VMOVUPS(c.next(c.params["dst"]), y)
			c.valueOutside(x, inside, y)
			c.noteNaN(y)
			VMOVUPS(y, c.next(c.params["dst"]))
		})
}

func slopes() {
	onFine("slopes", "Lines.BackwardX",
		"func(dst, x, upstream *float32, n int, t, nodes *float32, odd *uint8) uint64", []string{"dst", "upstream"}, []string{"nodes"},
		func(c *fine, pass func(string, func())) {
			pass("evaluate", func() {
				dy := c.line()
				c.noteNaN(dy)
				c.scale(dy, c.params["upstream"])
				VMOVUPS(dy, c.next(c.params["dst"]))
			})
		},
		func(c *fine) {
			x, inside := c.load()
			dy, result := zero(), take()
			c.slopeOutside(x, inside, dy)
			c.alsoNote(func(odd mask) { odd.or(isNaN(dy)) })
			c.scale(dy, c.params["upstream"])
			VMOVUPS(c.next(c.params["dst"]), result)
			inside.choose(result, dy, result)
			VMOVUPS(result, c.next(c.params["dst"]))
		})
}

// line returns the lanes' values on their intervals' lines.
func (c *fine) line() (y vector) {
	y, end := c.pairs(c.params["nodes"])
	VSUBPS(y, end, end)
	VMULPS(c.places(), end, end)
	VADDPS(end, y, y)
	give(end)
	return y
}

// pairs loads two float32 for each lane, at its offset from base.
func (l *loop) pairs(base reg.Register) (first, second vector) {
	first, second = take(), take()
	scratch(func() {
		pair := func(k int, to vector) {
			at := func(k int) Mem { return Mem{Base: base, Index: lane(l.offsets(), k), Scale: 1} }
			VMOVSD(at(k), to.AsX())
			VMOVHPS(at(k+1), to.AsX(), to.AsX())
		}
		// Of each half, lanes 0 and 1, and lanes 2 and 3.
		rows := [2]vector{take(), take()}
		for k, row := range rows {
			pair(2*k, row)
			scratch(func() {
				upper := take()
				pair(4+2*k, upper)
				setUpperHalf(upper.AsX(), row)
			})
		}
		VSHUFPS(U8(0x88), rows[1], rows[0], first)
		VSHUFPS(U8(0xdd), rows[1], rows[0], second)
	})
	return first, second
}

// singles loads a float32 for each lane, at its offset from base.
func (l *loop) singles(base reg.Register) (v vector) {
	four := func(k int, to vector) {
		at := func(j int) Mem { return Mem{Base: base, Index: lane(l.offsets(), k+j), Scale: 1} }
		VMOVSS(at(0), to.AsX())
		for j := 1; j < 4; j++ {
			VPINSRD(U8(j), at(j), to.AsX(), to.AsX())
		}
	}
	v = take()
	four(0, v)
	scratch(func() {
		upper := take()
		four(4, upper)
		setUpperHalf(upper.AsX(), v)
	})
	return v
}

func quads() {
	onFine("quads", "Quads.Moments, where upper is the number of kinks,",
		"func(sums, x, upstream *float32, n int, t, kinks *float32, upper int, odd *uint8) uint64", []string{"upstream"}, []string{"sums", "kinks", "upper"},
		func(c *fine, pass func(string, func())) {
			upper := take()
			VMOVD(c.params["upper"].(reg.Register).(reg.GP).As32(), upper.AsX())
			VPBROADCASTD(upper.AsX(), upper)
			VPSLLD(quadShift, upper, upper)
			pass("entries", func() { c.findEntries(upper) })
			give(upper)
			half := take()
			VBROADCASTSS(constant("half", F32(0.5)), half)
			pass("evaluate", func() {
				place := take()
				VMOVUPS(c.places(), place)
				VSUBPS(half, place, place)
				low := c.powers(c.params["upstream"], place)
				transpose(low)
				give(place)
				scratch(func() {
					for k := range low {
						c.addQuad(c.params["sums"], k, low[k])
					}
				})
				scratch(func() {
					for k := range low {
						c.addQuad(c.params["sums"], 4+k, upperHalf(low[k]))
					}
				})
			})
		},
		func(c *fine) {
			x, inside := c.load()
			c.alsoNote(func(odd mask) { c.oddOutside(x, inside, odd) })
		})
}

// findEntries replaces the byte offsets of the lanes' intervals by those of their sums, and
// notes the lanes whose kink is NaN.
func (c *fine) findEntries(upper vector) {
	kink := c.singles(c.params["kinks"])
	c.noteNaN(kink)
	x, entry := take(), take()
	VMOVUPS(c.next(c.x), x)
	VMOVUPS(c.offsets(), entry)
	VPSLLD(quadShift-nodeShift, entry, entry)
	right := compare(x, greaterEqual, kink)
	VPAND(upper, right.v, right.v)
	VPADDD(right.v, entry, entry)
	VMOVUPS(entry, c.offsets())
}

// addQuad adds the lower half of v to a lane's sums.
func (l *loop) addQuad(sums reg.Register, k int, v vector) {
	at, sum := (Mem{Base: sums, Index: lane(l.offsets(), k), Scale: 1}), take().AsX()
	VADDPS(at, v.AsX(), sum)
	VMOVUPS(sum, at)
}

func pour() {
	TEXT("pourAVX2", NOSPLIT, "func(sums *float64, from *float32, n int)")
	Pragma("noescape")
	Doc("pourAVX2 is Pour for n > 0.")
	scratch(func() {
		sums, from, n := Load(Param("sums"), GP64()), Load(Param("from"), GP64()), Load(Param("n"), GP64())
		zero, v := zero(), take()
		Label("next")
		VCVTPS2PD(Mem{Base: from}, v)
		VADDPD(Mem{Base: sums}, v, v)
		VMOVUPD(v, Mem{Base: sums})
		VMOVUPS(zero.AsX(), Mem{Base: from})
		ADDQ(Imm(32), sums)
		ADDQ(Imm(16), from)
		DECQ(n)
		JNE(LabelRef("next"))
		VZEROUPPER()
		RET()
	})
}
