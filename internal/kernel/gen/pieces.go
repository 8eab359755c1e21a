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
func onPieces(name, does, signature string, streams, others []string, evaluate func(l *loop, p params)) {
	kernel(name, does, signature, streams, others, func(l *loop, p params, pass func(string, func())) {
		l.keep(grid, func() { pass("bins", func() { l.findBins(binShift) }) })
		pass("pieces", l.findPieces)
		pass("evaluate", func() { evaluate(l, p) })
	})
}

// findBins stores the byte offsets of the lanes' bins; that of lanes outside is 0.
func (l *loop) findBins(shift Op) {
	x, inside := l.load()
	VMULPS(l.broadcast("Scale"), x, x)
	floor(x, x)
	VCVTTPS2DQ(x, x)
	VPSUBD(l.broadcast("First"), x, x)
	inside.clear(x)
	VPSLLD(shift, x, x)
	VMOVUPS(x, l.offsets())
}

// findPieces replaces them by those of the lanes' pieces.
func (l *loop) findPieces() {
	x, inside := l.load()
	piece := l.inBins(x)
	inside.clear(piece)
	VPSLLD(pieceShift, piece, piece)
	VMOVUPS(piece, l.offsets())
}

// inBins returns the lanes' pieces, given the byte offsets of their bins.
func (l *loop) inBins(x vector) (piece vector) {
	bin := columns(l.bins, 0, l.offsets())
	piece = bin[3]
	for _, kink := range bin[:3] {
		scratch(func() { compare(x, greaterEqual, kink).increment(piece) })
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
	onPieces("forward", "Tab.Forward",
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
	onPieces("backwardX", "Tab.BackwardX",
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
			l.scale(dy, p["upstream"])
			VMOVUPS(dy, l.next(p["dst"]))
		})
}

// times multiplies v by a small number.
func times(k int, v vector) {
	scratch(func() {
		factor := take()
		VBROADCASTSS(constant([...]string{2: "two", 3: "three", 4: "four", 5: "five"}[k], F32(k)), factor)
		VMULPS(factor, v, v)
	})
}

func moments() {
	onPieces("moments", "Tab.Moments",
		"func(sums, x, upstream *float32, n int, t *float32) uint64", []string{"upstream"}, []string{"sums"}, func(l *loop, p params) {
			x, inside := l.load()
			tau, c4, c5, perUnit := l.upper(x)
			scratch(func() {
				left := isNaN(c5)
				left.and(inside)
				l.odd.or(left)
			})
			give(c4, c5, perUnit)
			inside.clear(tau)
			l.oddOutside(x, inside, l.odd)
			give(x)
			low := l.powers(p["upstream"], tau)
			p4, p5 := take(), take()
			VMULPS(tau, low[3], p4)
			VMULPS(tau, p4, p5)
			give(tau)
			transpose(low)
			high := fifths(p4, p5)
			for k := range low { // the halves in turn, for sums that do not wait for each other
				scratch(func() { l.add(p["sums"], k, 0, joinedLower(low[k], high[k])) })
				scratch(func() { l.add(p["sums"], 4+k, 32, joinedUpper(low[k], high[k])) })
			}
		})
}

// fifths returns the fifth and sixth moments of the lanes of each half, a vector for each
// of its four lanes.
func fifths(p4, p5 vector) (high [4]vector) {
	high = [4]vector{take(), take(), take(), take()}
	scratch(func() {
		pairs, zero := [2]vector{take(), take()}, zero()
		VUNPCKLPS(p5, p4, pairs[0])
		VUNPCKHPS(p5, p4, pairs[1])
		for k, pair := range pairs {
			VUNPCKLPD(zero, pair, high[2*k])
			VUNPCKHPD(zero, pair, high[2*k+1])
		}
	})
	return high
}

// joinedLower returns the lower halves of low and high, joinedUpper the upper ones.
func joinedLower(low, high vector) vector {
	v := take()
	VINSERTF128(Imm(1), high.AsX(), low, v)
	return v
}

func joinedUpper(low, high vector) vector {
	v := take()
	VPERM2F128(Imm(0x31), high, low, v)
	return v
}

// add adds v to half of the sums of a lane's piece. An entry of Sums is twice as
// long as a Piece.
func (l *loop) add(sums reg.Register, k, half int, v reg.Register) {
	at := Mem{Base: sums, Index: lane(l.offsets(), k), Scale: 2, Disp: half}
	VADDPS(at, v, v)
	VMOVUPS(v, at)
}
