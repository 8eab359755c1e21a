package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	binShift   = U8(4) // a Bin has 16 bytes
	pieceShift = U8(5) // a Piece has 32 bytes
)

// onPieces is a kernel on pieces: two passes find the lanes' pieces, evaluate is the
// third.
func onPieces(name, doc, signature string, streams, others []string, evaluate func(l *loop, p params)) {
	kernel(name, doc, signature, streams, others, func(l *loop, p params, pass func(string, func())) {
		l.keep(grid, func() { pass("bins", func() { l.findBins(binShift) }) })
		pass("pieces", l.findPieces)
		pass("evaluate", func() { evaluate(l, p) })
	})
}

// findBins stores the byte offsets of the lanes' bins; that of lanes outside is 0.
func (l *loop) findBins(shift Op) {
	x, inside := l.load()
	VMULPS(l.broadcast("Scale"), x, x)
	VROUNDPS(roundDown, x, x)
	VCVTTPS2DQ(x, x)
	VPSUBD(l.broadcast("First"), x, x)
	VPAND(inside, x, x)
	VPSLLD(shift, x, x)
	VMOVDQU(x, l.offsets())
}

// findPieces replaces them by those of the lanes' pieces.
func (l *loop) findPieces() {
	x, inside := l.load()
	piece := l.inBins(x)
	VPAND(inside, piece, piece)
	VPSLLD(pieceShift, piece, piece)
	VMOVDQU(piece, l.offsets())
}

// inBins returns the lanes' pieces, given the byte offsets of their bins.
func (l *loop) inBins(x vector) (piece vector) {
	bin := columns(l.bins, 0, l.offsets())
	piece = bin[3]
	for _, kink := range bin[:3] {
		VCMPPS(greaterEqual, kink, x, kink)
		VPSUBD(kink, piece, piece) // a true lane is −1
	}
	return piece
}

// upper returns τ, c4, c5 and perUnit of the lanes' pieces.
func (l *loop) upper(x vector) (tau, c4, c5, perUnit vector) {
	c := l.half(1)
	c4, c5, tau, perUnit = c[0], c[1], c[2], c[3]
	VSUBPS(tau, x, tau)
	VMULPS(perUnit, tau, tau)
	return tau, c4, c5, perUnit
}

// half returns the first (0) or last (1) four numbers of the lanes' pieces.
func (l *loop) half(k int) [4]vector {
	return columns(l.pieces, 16*k, l.offsets())
}

func forward() {
	onPieces("forwardAVX2", "forwardAVX2 is Tab.Forward for n > 0, a multiple of 8.",
		"func(dst, x *float32, n int, t *float32) uint64", []string{"dst"}, nil, func(l *loop, p params) {
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
			l.valueOutside(x, inside, y)
			l.addOdd(y)
			VMOVUPS(y, l.next(p["dst"]))
		})
}

func backwardX() {
	onPieces("backwardXAVX2", "backwardXAVX2 is Tab.BackwardX for n > 0, a multiple of 8.",
		"func(dst, x, upstream *float32, n int, t *float32) uint64", []string{"dst", "upstream"}, nil, func(l *loop, p params) {
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
			l.slopeOutside(x, inside, dy)
			l.addOdd(dy)
			VMULPS(l.next(p["upstream"]), dy, dy)
			VMOVUPS(dy, l.next(p["dst"]))
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
	onPieces("momentsAVX2", "momentsAVX2 is Tab.Moments for n > 0, a multiple of 8.",
		"func(sums, x, upstream *float32, n int, t *float32) uint64", []string{"upstream"}, []string{"sums"}, func(l *loop, p params) {
			x, inside := l.load()
			tau, c4, c5, perUnit := l.upper(x)
			VCMPPS(unordered, c5, c5, c5)
			VPAND(inside, c5, c5)
			VPOR(c5, l.odd, l.odd)
			give(c4, c5, perUnit)
			VPAND(inside, tau, tau)
			l.oddOutside(x, inside, l.odd)
			give(x)
			low := l.powers(p["upstream"], tau)
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
					l.add(p["sums"], k, 0, sum)
					VPERM2F128(Imm(0x31), high, low[k], sum)
					l.add(p["sums"], k+4, 32, sum)
				})
			}
		})
}

// add adds v to half of the sums of a lane's piece. An entry of Sums is twice as
// long as a Piece.
func (l *loop) add(sums reg.Register, k, half int, v vector) {
	at := Mem{Base: sums, Index: lane(l.offsets(), k), Scale: 2, Disp: half}
	VADDPS(at, v, v)
	VMOVUPS(v, at)
}
