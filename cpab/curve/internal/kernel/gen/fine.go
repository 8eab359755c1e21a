package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	lineShift = U8(3) // a Line has 8 bytes
	bendShift = U8(4) // a Bend has 16 bytes
	quadShift = U8(4) // a Quad has 16 bytes
)

// onCells is a kernel on a fine grid. place finds the elements' cells; passes are the
// kernel's own; finish is one more for blocks with elements outside.
func onCells(name, doc, signature string, streams, others []string, shift Op, passes func(l *loop, p params, pass func(string, func())), finish func(l *loop, p params)) {
	kernel(name, doc, signature, streams, others, func(l *loop, p params, pass func(string, func())) {
		all, mask := take(), GP32()
		VPCMPEQD(all, all, all)
		l.keep(grid, func() { pass("place", func() { l.place(shift, all) }) })
		passes(l, p, pass)
		VMOVMSKPS(all, mask)
		CMPL(mask, U32(1<<lanes-1))
		JEQ(LabelRef("finished"))
		pass("finish", func() { finish(l, p) })
		Label("finished")
	})
}

// place stores the byte offsets of the lanes' cells and the lanes' places in them,
// both 0 for lanes outside, and takes from all the lanes outside.
func (l *loop) place(shift Op, all vector) {
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
	VPSLLD(shift, cell, cell)
	VMOVDQU(cell, l.offsets())
}

// places is where place leaves the lanes' places in their cells.
func (l *loop) places() Mem { return l.offsets().Offset(4 * blockLen) }

func lines() {
	onCells("linesAVX2", "linesAVX2 is Lines.Forward for n > 0, a multiple of 8.",
		"func(dst, x *float32, n int, t, line *float32) uint64", []string{"dst"}, []string{"line"}, lineShift,
		func(l *loop, p params, pass func(string, func())) {
			pass("evaluate", func() {
				y, growth := l.pairs(p["line"])
				VMULPS(l.places(), growth, growth)
				VADDPS(growth, y, y)
				l.addOdd(y)
				VMOVUPS(y, l.next(p["dst"]))
			})
		},
		func(l *loop, p params) {
			x, inside := l.load()
			y := take()
			VMOVUPS(l.next(p["dst"]), y)
			l.valueOutside(x, inside, y)
			l.addOdd(y)
			VMOVUPS(y, l.next(p["dst"]))
		})
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

func bends() {
	onCells("bendsAVX2", "bendsAVX2 is Bends.BackwardX for n > 0, a multiple of 8.",
		"func(dst, x, upstream *float32, n int, t, bend *float32) uint64", []string{"dst", "upstream"}, []string{"bend"}, bendShift,
		func(l *loop, p params, pass func(string, func())) {
			zero := take()
			VXORPS(zero, zero, zero)
			pass("evaluate", func() {
				c := columns(p["bend"], 0, l.offsets())
				place := take()
				VMOVUPS(l.places(), place)
				linear(c[0], c[1], place)
				VSUBPS(c[2], place, place)
				VMAXPS(zero, place, place)
				VMULPS(c[3], place, place)
				VADDPS(place, c[1], place)
				l.addOdd(place)
				VMULPS(l.next(p["upstream"]), place, place)
				VMOVUPS(place, l.next(p["dst"]))
			})
		},
		func(l *loop, p params) {
			x, inside := l.load()
			dy, result := take(), take()
			VXORPS(dy, dy, dy)
			l.slopeOutside(x, inside, dy)
			l.addOdd(dy)
			VMULPS(l.next(p["upstream"]), dy, dy)
			VMOVUPS(l.next(p["dst"]), result)
			choose(inside, dy, result)
			VMOVUPS(result, l.next(p["dst"]))
		})
}

func quads() {
	onCells("quadsAVX2", "quadsAVX2 is Quads.Moments for n > 0, a multiple of 8.",
		"func(sums, x, upstream *float32, n int, t *float32) uint64", []string{"upstream"}, []string{"sums"}, binShift,
		func(l *loop, p params, pass func(string, func())) {
			half := take()
			pass("entries", l.findEntries)
			VBROADCASTSS(ConstData("half", F32(0.5)), half)
			pass("evaluate", func() {
				place := take()
				VMOVUPS(l.places(), place)
				VSUBPS(half, place, place)
				low := l.powers(p["upstream"], place)
				transpose(low)
				give(place)
				high := [4]vector{take(), take(), take(), take()}
				for k := range low {
					VEXTRACTF128(Imm(1), low[k], high[k].AsX())
					l.addQuad(p["sums"], k, low[k])
				}
				for k := range high {
					l.addQuad(p["sums"], k+4, high[k])
				}
			})
		},
		func(l *loop, p params) {
			x, inside := l.load()
			l.oddOutside(x, inside)
		})
}

// findEntries replaces the byte offsets of the lanes' cells by those of their sums.
func (l *loop) findEntries() {
	x := take()
	VMOVUPS(l.next(l.x), x)
	entry := l.inBins(x)
	VPSLLD(quadShift, entry, entry)
	VMOVDQU(entry, l.offsets())
}

// addQuad adds the lower half of v to a lane's sums.
func (l *loop) addQuad(sums reg.Register, k int, v vector) {
	at := Mem{Base: sums, Index: lane(l.offsets(), k), Scale: 1}
	VADDPS(at, v.AsX(), v.AsX())
	VMOVUPS(v.AsX(), at)
}
