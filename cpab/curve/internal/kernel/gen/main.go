// Command gen writes the assembly of package kernel. Run it by go generate there.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS.
const (
	unordered    = U8(0x03)
	less         = U8(0x11) // false for NaN
	greaterEqual = U8(0x1d) // false for NaN
	notLess      = U8(0x15) // true for NaN
)

const (
	roundDown = U8(1)

	lanes      = 8
	binShift   = U8(4) // a Bin has 16 bytes
	pieceShift = U8(5) // a Piece has 32 bytes
	lineShift  = U8(3) // a Line has 8 bytes
)

func main() {
	ConstraintExpr("amd64,!noasm")
	forward()
	lines()
	backwardX()
	moments()
	Generate()
}

// blockLen is the number of elements that go through the three passes of a kernel
// together. The first pass finds the elements' bins, the second their pieces, and
// the third evaluates them: one pass for all would have too long a chain of
// dependent instructions for the processor to overlap enough of them, and numbers
// that go from a vector to the addresses of loads go through memory.
const blockLen = 128

// loop is what all kernels share: the elements, eight at a time, and the table.
type loop struct {
	x, index             reg.Register // the next elements, and the byte offsets of their pieces
	n, tab, bins, pieces reg.Register
	odd                  vector // lanes that are left to the caller
	binIndex             Mem    // byte offsets of the bins of eight elements
}

// kernel writes a function: body for each eight elements. shift makes bytes of the
// numbers of bins; pieces says whether bins have pieces.
func kernel(name, doc, signature string, params []string, shift Op, pieces bool, body func(l *loop, p []reg.Register)) {
	TEXT(name, NOSPLIT, signature)
	Doc(doc)
	scratch(func() {
		l := &loop{odd: take(), index: GP64()}
		indices := AllocLocal(4 * blockLen)
		l.x = Load(Param("x"), GP64())
		l.n = Load(Param("n"), GP64())
		l.tab = Load(Param("t"), GP64())
		l.bins, l.pieces = GP64(), GP64()
		MOVQ(l.field("Bins"), l.bins)
		MOVQ(l.field("Pieces"), l.pieces)
		VXORPS(l.odd, l.odd, l.odd)
		var p []reg.Register
		for _, name := range params {
			p = append(p, Load(Param(name), GP64()))
		}
		Label("block")
		block, left, start := GP64(), GP64(), GP64()
		MOVQ(U32(blockLen), block)
		CMPQ(l.n, block)
		CMOVQLT(l.n, block)

		MOVQ(l.x, start)
		pass := func(label string, body func()) {
			MOVQ(start, l.x)
			MOVQ(block, left)
			LEAQ(indices, l.index)
			Label(label)
			scratch(body)
			ADDQ(Imm(4*lanes), l.x)
			ADDQ(Imm(4*lanes), l.index)
			SUBQ(Imm(lanes), left)
			JNE(LabelRef(label))
		}
		pass("bins", func() { l.findBins(shift) })
		if pieces {
			pass("pieces", l.findPieces)
		}
		pass("evaluate", func() { body(l, p) })

		SUBQ(block, l.n)
		JNE(LabelRef("block"))
		result := GP64()
		VMOVMSKPS(l.odd, result.As32())
		VZEROUPPER()
		Store(result, ReturnIndex(0))
		RET()
	})
}

// fields are the offsets of Tab's fields.
var fields = map[string]int{
	"Scale": 0, "First": 4, "Lo": 8, "Hi": 12,
	"LoSlope": 16, "HiSlope": 20, "HiOffset": 24, "LoMin": 28,
	"OddBelow": 32, "OddAbove": 36,
	"Bins": 40, "Pieces": 64,
}

func (l *loop) field(name string) Mem {
	offset, ok := fields[name]
	if !ok {
		panic("no field " + name)
	}
	return Mem{Base: l.tab, Disp: offset}
}

// broadcast returns a vector of a float32 field.
func (l *loop) broadcast(name string) vector {
	v := take()
	VBROADCASTSS(l.field(name), v)
	return v
}

// load returns the next elements and the mask of those inside.
func (l *loop) load() (x, inside vector) {
	x, inside = take(), take()
	scratch(func() {
		VMOVUPS(Mem{Base: l.x}, x)
		below := take()
		VCMPPS(greaterEqual, l.broadcast("Lo"), x, inside)
		VCMPPS(less, l.broadcast("Hi"), x, below)
		VPAND(below, inside, inside)
	})
	return x, inside
}

// lane returns the byte offset of a lane's row from where the offsets lie.
func lane(offsets Mem, k int) reg.GPVirtual {
	offset := GP64()
	MOVL(offsets.Offset(4*k), offset.As32())
	return offset
}

// columns loads four float32 for each lane, at its offset from base, and returns
// them as four vectors.
func columns(base reg.Register, disp int, offsets Mem) (rows [4]vector) {
	for k := range rows { // lane k in the lower, lane k+4 in the upper half
		rows[k] = take()
		VMOVUPS(Mem{Base: base, Index: lane(offsets, k), Scale: 1, Disp: disp}, rows[k].AsX())
		VINSERTF128(Imm(1), Mem{Base: base, Index: lane(offsets, k+4), Scale: 1, Disp: disp}, rows[k], rows[k])
	}
	transpose(rows)
	return rows
}

// half returns the first (0) or last (1) four numbers of the lanes' pieces.
func (l *loop) half(k int) [4]vector {
	return columns(l.pieces, 16*k, Mem{Base: l.index})
}

// transpose transposes both halves of four vectors.
func transpose(r [4]vector) {
	scratch(func() {
		t := [4]vector{take(), take(), take(), take()}
		VUNPCKLPS(r[1], r[0], t[0])
		VUNPCKHPS(r[1], r[0], t[1])
		VUNPCKLPS(r[3], r[2], t[2])
		VUNPCKHPS(r[3], r[2], t[3])
		VUNPCKLPD(t[2], t[0], r[0])
		VUNPCKHPD(t[2], t[0], r[1])
		VUNPCKLPD(t[3], t[1], r[2])
		VUNPCKHPD(t[3], t[1], r[3])
	})
}

// findBins stores the byte offsets of the lanes' bins; that of lanes outside is 0.
func (l *loop) findBins(shift Op) {
	x, inside := l.load()
	VMULPS(l.broadcast("Scale"), x, x)
	VROUNDPS(roundDown, x, x)
	VCVTTPS2DQ(x, x)
	first := take()
	VPBROADCASTD(l.field("First"), first)
	VPSUBD(first, x, x)
	VPAND(inside, x, x)
	VPSLLD(shift, x, x)
	VMOVDQU(x, Mem{Base: l.index})
}

// findPieces replaces them by those of the lanes' pieces.
func (l *loop) findPieces() {
	x, inside := l.load()
	bin := columns(l.bins, 0, Mem{Base: l.index})
	piece := bin[3]
	for _, kink := range bin[:3] {
		VCMPPS(greaterEqual, kink, x, kink)
		VPSUBD(kink, piece, piece) // a true lane is −1
	}
	VPAND(inside, piece, piece)
	VPSLLD(pieceShift, piece, piece)
	VMOVDQU(piece, Mem{Base: l.index})
}

// upper returns τ, c4, c5 and perUnit of the lanes' pieces.
func (l *loop) upper(x vector) (tau, c4, c5, perUnit vector) {
	c := l.half(1)
	c4, c5, tau, perUnit = c[0], c[1], c[2], c[3]
	VSUBPS(tau, x, tau)
	VMULPS(perUnit, tau, tau)
	return tau, c4, c5, perUnit
}

// linear sets b to a + b·τ.
func linear(a, b, tau vector) {
	VMULPS(tau, b, b)
	VADDPS(a, b, b)
}

// choose overwrites the lanes of y that mask does not name with those of other.
func choose(mask, other, y vector) { VBLENDVPS(mask, y, other, y) }

// addOdd notes the lanes of v that are NaN.
func (l *loop) addOdd(v vector) {
	scratch(func() {
		isNaN := take()
		VCMPPS(unordered, v, v, isNaN)
		VPOR(isNaN, l.odd, l.odd)
	})
}

// outside jumps over what body writes if all lanes are inside.
func outside(inside vector, body func()) {
	mask := GP32()
	VMOVMSKPS(inside, mask)
	CMPL(mask, U32(1<<lanes-1))
	JEQ(LabelRef("inside"))
	scratch(body)
	Label("inside")
}

func forward() {
	kernel("forwardAVX2", "forwardAVX2 is Tab.Forward for n > 0, a multiple of 8.",
		"func(dst, x *float32, n int, t *float32) uint64", []string{"dst"}, binShift, true, func(l *loop, p []reg.Register) {
			dst := p[0]
			x, inside := l.load()
			tau, c4, y, perUnit := l.upper(x)
			give(perUnit)
			linear(c4, y, tau)
			scratch(func() {
				c := l.half(0)
				linear(c[2], c[3], tau)
				linear(c[0], c[1], tau)
				VMULPS(tau, tau, tau)
				linear(c[3], y, tau)
				linear(c[1], y, tau)
			})
			l.tails(x, inside, y)
			l.addOdd(y)
			VMOVUPS(y, Mem{Base: dst})
			ADDQ(Imm(4*lanes), dst)
		})
}

// tails overwrites the lanes of y that are outside.
func (l *loop) tails(x, inside, y vector) {
	outside(inside, func() {
		lo, hi, below := take(), take(), take()
		VMAXPS(l.broadcast("LoMin"), x, lo)
		VMULPS(l.broadcast("LoSlope"), lo, lo)
		VMULPS(l.broadcast("HiSlope"), x, hi)
		VADDPS(l.broadcast("HiOffset"), hi, hi)
		VCMPPS(less, l.broadcast("Lo"), x, below)
		choose(inside, hi, y)
		VBLENDVPS(below, lo, y, y)
	})
}

func lines() {
	kernel("linesAVX2", "linesAVX2 is Lines.Forward for n > 0, a multiple of 8.",
		"func(dst, x *float32, n int, t, line *float32) uint64", []string{"dst", "line"}, lineShift, false, func(l *loop, p []reg.Register) {
			dst, line := p[0], p[1]
			x, inside := l.load()
			y, growth, place := take(), take(), take()
			VMULPS(l.broadcast("Scale"), x, place)
			VROUNDPS(roundDown, place, y)
			VSUBPS(y, place, place)
			scratch(func() {
				// Lanes 0, 1, 4 and 5, and lanes 2, 3, 6 and 7.
				var rows, uppers [2]vector
				for k := range rows {
					rows[k], uppers[k] = take(), take()
					for upper, v := range []vector{rows[k], uppers[k]} {
						at := func(j int) Mem {
							return Mem{Base: line, Index: lane(Mem{Base: l.index}, 4*upper+2*k+j), Scale: 1}
						}
						VMOVSD(at(0), v.AsX())
						VMOVHPS(at(1), v.AsX(), v.AsX())
					}
					VINSERTF128(Imm(1), uppers[k].AsX(), rows[k], rows[k])
				}
				VSHUFPS(U8(0x88), rows[1], rows[0], y)
				VSHUFPS(U8(0xdd), rows[1], rows[0], growth)
			})
			linear(y, growth, place)
			VMOVAPS(growth, y)
			l.tails(x, inside, y)
			l.addOdd(y)
			VMOVUPS(y, Mem{Base: dst})
			ADDQ(Imm(4*lanes), dst)
		})
}

func backwardX() {
	kernel("backwardXAVX2", "backwardXAVX2 is Tab.BackwardX for n > 0, a multiple of 8.",
		"func(dst, x, upstream *float32, n int, t *float32) uint64", []string{"dst", "upstream"}, binShift, true, func(l *loop, p []reg.Register) {
			dst, g := p[0], p[1]
			x, inside := l.load()
			tau, c4, dy, perUnit := l.upper(x)
			times(5, dy)
			times(4, c4)
			scratch(func() {
				c := l.half(0)
				times(3, c[3])
				linear(c[3], c4, tau)
				times(2, c[2])
				linear(c[1], c[2], tau)
				VMULPS(tau, tau, tau)
				linear(c4, dy, tau)
				linear(c[2], dy, tau)
			})
			VMULPS(perUnit, dy, dy)
			outside(inside, func() {
				other, mask := take(), take()
				VCMPPS(greaterEqual, l.broadcast("Hi"), x, mask)
				VBLENDVPS(mask, l.broadcast("HiSlope"), x, other) // x where it is NaN
				choose(inside, other, dy)
				VCMPPS(less, l.broadcast("Lo"), x, mask)
				VBLENDVPS(mask, l.broadcast("LoSlope"), dy, dy)
			})
			l.addOdd(dy)
			VMULPS(Mem{Base: g}, dy, dy)
			VMOVUPS(dy, Mem{Base: dst})
			ADDQ(Imm(4*lanes), g)
			ADDQ(Imm(4*lanes), dst)
		})
}

// times multiplies v by a small number.
func times(k int, v vector) {
	scratch(func() {
		factor := take()
		VBROADCASTSS(ConstData([...]string{2: "two", 3: "three", 4: "four", 5: "five"}[k], F32(k)), factor)
		VMULPS(factor, v, v)
	})
}

func moments() {
	kernel("momentsAVX2", "momentsAVX2 is Tab.Moments for n > 0, a multiple of 8.",
		"func(sums, x, upstream *float32, n int, t *float32) uint64", []string{"sums", "upstream"}, binShift, true, func(l *loop, p []reg.Register) {
			sums, g := p[0], p[1]
			x, inside := l.load()
			tau, c4, c5, perUnit := l.upper(x)
			VCMPPS(unordered, c5, c5, c5)
			VPAND(inside, c5, c5)
			VPOR(c5, l.odd, l.odd)
			give(c4, c5, perUnit)
			VPAND(inside, tau, tau)
			outside(inside, func() {
				mask := take()
				VCMPPS(less, l.broadcast("OddBelow"), x, mask)
				VPOR(mask, l.odd, l.odd)
				VCMPPS(notLess, l.broadcast("OddAbove"), x, mask)
				VPOR(mask, l.odd, l.odd)
			})
			give(x)
			low := [4]vector{take(), take(), take(), take()}
			VMOVUPS(Mem{Base: g}, low[0])
			for k := 1; k < 4; k++ {
				VMULPS(tau, low[k-1], low[k])
			}
			p4, p5 := take(), take()
			VMULPS(tau, low[3], p4)
			VMULPS(tau, p4, p5)
			give(tau)
			transpose(low)
			// The fifth and sixth moments of lanes 0 and 1, and of lanes 2 and 3.
			pairs, zero := [2]vector{take(), take()}, take()
			VUNPCKLPS(p5, p4, pairs[0])
			VUNPCKHPS(p5, p4, pairs[1])
			VXORPS(zero, zero, zero)
			for k := range low {
				scratch(func() {
					high, sum := take(), take()
					if k%2 == 0 {
						VUNPCKLPD(zero, pairs[k/2], high)
					} else {
						VUNPCKHPD(zero, pairs[k/2], high)
					}
					VINSERTF128(Imm(1), high.AsX(), low[k], sum)
					l.add(sums, k, 0, sum)
					VPERM2F128(Imm(0x31), high, low[k], sum)
					l.add(sums, k+4, 32, sum)
				})
			}
			ADDQ(Imm(4*lanes), g)
		})
}

// add adds v to half of the sums of a lane's piece. An entry of Sums is twice as
// long as a Piece.
func (l *loop) add(sums reg.Register, k, half int, v vector) {
	at := Mem{Base: sums, Index: lane(Mem{Base: l.index}, k), Scale: 2, Disp: half}
	VADDPS(at, v, v)
	VMOVUPS(v, at)
}
