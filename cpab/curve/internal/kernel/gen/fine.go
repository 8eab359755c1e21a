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

// cells are the passes over a block of a kernel on a fine grid. Each notes the elements
// that are left to the caller, a byte for eight of them.
type cells struct {
	*loop
	params
	note reg.Register // where the next byte goes
}

// onCells is a kernel on a fine grid: place finds the elements' cells, passes are the
// kernel's own, of which the last notes, and finish is one more for blocks with elements
// outside.
func onCells(name, doc, signature string, streams, others []string, passes func(c *cells, pass func(string, func())), finish func(c *cells)) {
	kernel(name, doc, signature, streams, append(others, "odd"), func(l *loop, p params, pass func(string, func())) {
		c := &cells{l, p, GP64()}
		MOVQ(p["odd"], c.note)
		all, mask := take(), GP32()
		VPCMPEQD(all, all, all)
		l.keep(grid, func() { pass("place", func() { l.place(all) }) })
		passes(c, pass)
		VMOVMSKPS(all, mask)
		CMPL(mask, U32(1<<lanes-1))
		JEQ(LabelRef("finished"))
		MOVQ(p["odd"], c.note)
		pass("finish", func() { finish(c) })
		Label("finished")
		MOVQ(c.note, p["odd"])
	})
}

// place stores the byte offsets of the lanes' cells and the lanes' places in them,
// both 0 for lanes outside, and takes from all the lanes outside.
func (l *loop) place(all vector) {
	x, inside := l.load()
	VPAND(inside, all, all)
	VMULPS(l.broadcast("Scale"), x, x)
	cell := take()
	VROUNDPS(roundDown, x, cell)
	VSUBPS(cell, x, x)
	VPAND(inside, x, x)
	VMOVUPS(x, l.places())
	VCVTTPS2DQ(cell, cell)
	VPSUBD(l.broadcast("First"), cell, cell)
	VPAND(inside, cell, cell)
	VPSLLD(nodeShift, cell, cell)
	VMOVDQU(cell, l.offsets())
}

// places is where place leaves the lanes' places in their cells.
func (l *loop) places() Mem { return l.offsets().Offset(4 * blockLen) }

// noteNaN notes the lanes of v that are NaN.
func (c *cells) noteNaN(v vector) {
	scratch(func() {
		isNaN, mask := take(), GP32()
		VCMPPS(unordered, v, v, isNaN)
		VPOR(isNaN, c.odd, c.odd)
		VMOVMSKPS(isNaN, mask)
		MOVB(mask.As8(), Mem{Base: c.note})
	})
	INCQ(c.note)
}

// alsoNote notes the lanes that body adds to odd, which is 0.
func (c *cells) alsoNote(body func(odd vector)) {
	odd, mask := take(), GP32()
	VXORPS(odd, odd, odd)
	body(odd)
	VPOR(odd, c.odd, c.odd)
	VMOVMSKPS(odd, mask)
	ORB(mask.As8(), Mem{Base: c.note})
	INCQ(c.note)
}

func lines() {
	onCells("linesAVX2", "linesAVX2 is Lines.Forward for n > 0, a multiple of 8.",
		"func(dst, x *float32, n int, t, nodes *float32, odd *uint8) uint64", []string{"dst"}, []string{"nodes"},
		func(c *cells, pass func(string, func())) {
			pass("evaluate", func() {
				y := c.line()
				c.noteNaN(y)
				VMOVUPS(y, c.next(c.params["dst"]))
			})
		},
		func(c *cells) {
			x, inside := c.load()
			y := take()
			VMOVUPS(c.next(c.params["dst"]), y)
			c.valueOutside(x, inside, y)
			c.noteNaN(y)
			VMOVUPS(y, c.next(c.params["dst"]))
		})
}

func slopes() {
	onCells("slopesAVX2", "slopesAVX2 is Lines.BackwardX for n > 0, a multiple of 8.",
		"func(dst, x, upstream *float32, n int, t, nodes *float32, odd *uint8) uint64", []string{"dst", "upstream"}, []string{"nodes"},
		func(c *cells, pass func(string, func())) {
			pass("evaluate", func() {
				dy := c.line()
				c.noteNaN(dy)
				VMULPS(c.next(c.params["upstream"]), dy, dy)
				VMOVUPS(dy, c.next(c.params["dst"]))
			})
		},
		func(c *cells) {
			x, inside := c.load()
			dy, result := take(), take()
			VXORPS(dy, dy, dy)
			c.slopeOutside(x, inside, dy)
			c.alsoNote(func(odd vector) { VCMPPS(unordered, dy, dy, odd) })
			VMULPS(c.next(c.params["upstream"]), dy, dy)
			VMOVUPS(c.next(c.params["dst"]), result)
			choose(inside, dy, result)
			VMOVUPS(result, c.next(c.params["dst"]))
		})
}

// line returns the lanes' values on their cells' lines.
func (c *cells) line() (y vector) {
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
		// Lanes 0, 1, 4 and 5, and lanes 2, 3, 6 and 7.
		var rows, uppers [2]vector
		for k := range rows {
			rows[k], uppers[k] = take(), take()
			for upper, v := range []vector{rows[k], uppers[k]} {
				at := func(j int) Mem {
					return Mem{Base: base, Index: lane(l.offsets(), 4*upper+2*k+j), Scale: 1}
				}
				VMOVSD(at(0), v.AsX())
				VMOVHPS(at(1), v.AsX(), v.AsX())
			}
			VINSERTF128(Imm(1), uppers[k].AsX(), rows[k], rows[k])
		}
		VSHUFPS(U8(0x88), rows[1], rows[0], first)
		VSHUFPS(U8(0xdd), rows[1], rows[0], second)
	})
	return first, second
}

// singles loads a float32 for each lane, at its offset from base.
func (l *loop) singles(base reg.Register) (v vector) {
	v = take()
	scratch(func() {
		upper := take()
		for half, v := range []vector{v, upper} {
			at := func(j int) Mem { return Mem{Base: base, Index: lane(l.offsets(), 4*half+j), Scale: 1} }
			VMOVSS(at(0), v.AsX())
			for j := 1; j < 4; j++ {
				VPINSRD(U8(j), at(j), v.AsX(), v.AsX())
			}
		}
		VINSERTF128(Imm(1), upper.AsX(), v, v)
	})
	return v
}

func quads() {
	onCells("quadsAVX2", "quadsAVX2 is Quads.Moments for n > 0, a multiple of 8; upper is the number of kinks.",
		"func(sums, x, upstream *float32, n int, t, kinks *float32, upper int, odd *uint8) uint64", []string{"upstream"}, []string{"sums", "kinks", "upper"},
		func(c *cells, pass func(string, func())) {
			upper := take()
			VMOVD(c.params["upper"].(reg.Register).(reg.GP).As32(), upper.AsX())
			VPBROADCASTD(upper.AsX(), upper)
			VPSLLD(quadShift, upper, upper)
			pass("entries", func() { c.findEntries(upper) })
			give(upper)
			half := take()
			VBROADCASTSS(ConstData("half", F32(0.5)), half)
			pass("evaluate", func() {
				place := take()
				VMOVUPS(c.places(), place)
				VSUBPS(half, place, place)
				low := c.powers(c.params["upstream"], place)
				transpose(low)
				give(place)
				high := [4]vector{take(), take(), take(), take()}
				for k := range low {
					VEXTRACTF128(Imm(1), low[k], high[k].AsX())
					c.addQuad(c.params["sums"], k, low[k])
				}
				for k := range high {
					c.addQuad(c.params["sums"], k+4, high[k])
				}
			})
		},
		func(c *cells) {
			x, inside := c.load()
			c.alsoNote(func(odd vector) { c.oddOutside(x, inside, odd) })
		})
}

// findEntries replaces the byte offsets of the lanes' cells by those of their sums, and
// notes the lanes whose kink is NaN.
func (c *cells) findEntries(upper vector) {
	kink := c.singles(c.params["kinks"])
	c.noteNaN(kink)
	x, entry := take(), take()
	VMOVUPS(c.next(c.x), x)
	VCMPPS(greaterEqual, kink, x, kink)
	VPAND(upper, kink, kink)
	VMOVDQU(c.offsets(), entry)
	VPSLLD(quadShift-nodeShift, entry, entry)
	VPADDD(kink, entry, entry)
	VMOVDQU(entry, c.offsets())
}

// addQuad adds the lower half of v to a lane's sums.
func (l *loop) addQuad(sums reg.Register, k int, v vector) {
	at := Mem{Base: sums, Index: lane(l.offsets(), k), Scale: 1}
	VADDPS(at, v.AsX(), v.AsX())
	VMOVUPS(v.AsX(), at)
}

func pour() {
	TEXT("pourAVX2", NOSPLIT, "func(sums *float64, from *float32, n int)")
	Pragma("noescape")
	Doc("pourAVX2 is Pour for n > 0.")
	scratch(func() {
		sums, from, n := Load(Param("sums"), GP64()), Load(Param("from"), GP64()), Load(Param("n"), GP64())
		zero, v := take(), take()
		VXORPS(zero, zero, zero)
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
