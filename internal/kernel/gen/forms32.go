package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// form32Fields are the offsets of Forms32's fields.
var form32Fields = map[string]int{"Scale": 0, "First": 4, "Last": 8, "GateTo": 12, "Bins": 16, "Forms": 40}

// The arrays of a block, for what one pass leaves to the next; the first has the offsets of
// the lanes' bins, then of their forms and sums.
const (
	in32W    = 1 + iota // w, then e^w − 1
	in32D               // d
	in32Of              // ℓ, or (ℓ−1)/ℓ
	in32Bend            // log ℓ − (ℓ−1)/ℓ
	in32Ramp            // w·e^w − (e^w−1)
	in32All
)

// onForms32 writes a kernel on forms of float32 numbers: passes that find the lanes' forms
// and e^w − 1, and last, which is the kernel's own. streams and others are as those of kernel.
func onForms32(name, does, signature string, streams, others []string, sums bool, last func(l *form32Loop)) {
	name += "AVX2"
	TEXT(name, 0, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %s for n > 0, a multiple of %d.", name, does, lanes))
	scratch(func() {
		l := &form32Loop{loop: &loop{at: GP64(), index: GP64(), kept: map[string]vector{}}, params: params{}}
		LEAQ(AllocLocal(in32All*4*blockLen), l.index)
		l.x, l.n, l.tab = Load(Param("x"), GP64()), Load(Param("n"), GP64()), Load(Param("f"), GP64())
		l.bins, l.pieces = GP64(), GP64()
		MOVQ(Mem{Base: l.tab, Disp: form32Fields["Bins"]}, l.bins)
		MOVQ(Mem{Base: l.tab, Disp: form32Fields["Forms"]}, l.pieces)
		l.odd = none()
		for _, name := range append(streams, append(others, "odd")...) {
			l.params[name] = Load(Param(name), GP64())
		}

		l.blocks(l.params, streams, func(pass func(label string, body func())) {
			pass("bins", l.findBins)
			pass("forms", l.findForms)
			pass("logarithm", func() { l.start(sums) })
			pass("exponential", func() { l.exponential(sums) })
			pass("evaluate", func() { last(l) })
		})
	})
}

// form32Loop is the loop of a kernel on forms of float32 numbers; its tab is a Forms32.
type form32Loop struct {
	*loop
	params
}

// array returns the next vector of an array of the block.
func (l *form32Loop) array(k int) Mem { return l.offsets().Offset(k * 4 * blockLen) }

// stream returns the next vector of a parameter.
func (l *form32Loop) stream(name string) Mem { return l.next(l.params[name]) }

// everywhere returns a vector of a field.
func (l *form32Loop) everywhere(field string) vector {
	v := take()
	VBROADCASTSS(Mem{Base: l.tab, Disp: form32Fields[field]}, v)
	return v
}

// loaded32 returns a vector from memory.
func loaded32(m Mem) vector {
	v := take()
	VMOVUPS(m, v)
	return v
}

// eights are the places of constants that fill a vector.
var eights = map[uint32]Mem{}

// eightOf returns the place of a vector of a number.
func eightOf(x float32) Mem { return eightBits(math.Float32bits(x)) }

// eightBits returns the place of a vector of 32 bits.
func eightBits(bits uint32) Mem {
	at, ok := eights[bits]
	if !ok {
		at = GLOBL(fmt.Sprintf("eight%08x", bits), attr.RODATA|attr.NOPTR)
		for k := range lanes {
			DATA(4*k, U32(bits))
		}
		eights[bits] = at
	}
	return at
}

// horner32 sets p to the polynomial of x with the coefficients c, lowest power first.
func horner32(p, x vector, c []float32) {
	VMOVUPS(eightOf(c[len(c)-1]), p)
	for j := len(c) - 2; j >= 0; j-- {
		VFMADD213PS(eightOf(c[j]), x, p)
	}
}

// findBins stores the byte offsets of the lanes' bins.
func (l *form32Loop) findBins() {
	bin, first := loaded32(l.next(l.x)), l.everywhere("First")
	VMULPS(l.everywhere("Scale"), bin, bin)
	floor(bin, bin)
	VSUBPS(first, bin, bin)
	VMAXPS(zero(), bin, bin) // 0 for NaN
	VMINPS(l.everywhere("Last"), bin, bin)
	VCVTTPS2DQ(bin, bin)
	VPSLLD(binShift, bin, bin)
	VMOVUPS(bin, l.offsets())
}

// findForms replaces them by those of the lanes' forms.
func (l *form32Loop) findForms() {
	x := loaded32(l.next(l.x))
	form := l.inBins(x)
	VANDPS(eightBits(1<<31-1), x, x)
	compare(x, less, eightOf(0x1p60)).clear(form)
	VPSLLD(pieceShift, form, form)
	VMOVUPS(form, l.offsets())
}

// start finds w and d, and ℓ or what the sums take in its place, and notes the lanes that are
// left to the caller, a bit for each.
func (l *form32Loop) start(sums bool) {
	row := columns(l.pieces, 0, l.offsets())
	ref, eta, p, w := row[0], row[1], row[2], row[3]
	d := loaded32(l.next(l.x))
	VSUBPS(ref, d, d)
	VMOVUPS(d, l.array(in32D))
	VMULPS(d, eta, eta)
	give(d, ref)
	of := take()
	VADDPS(eightOf(1), eta, of)
	log, s, tail, near := logarithm32(eta, of)
	if sums {
		VDIVPS(of, eta, of)
		bend := take()
		VSUBPS(of, log, bend)
		VFMADD213PS(tail, of, s)
		near.choose(s, bend, bend)
		VMOVUPS(bend, l.array(in32Bend))
		give(bend)
	}
	VMOVUPS(of, l.array(in32Of))
	VFMADD231PS(log, p, w)
	VMOVUPS(w, l.array(in32W))
	left := isNaN(w)
	l.odd.or(left)
	MOVB(left.bits().As8(), Mem{Base: l.params["odd"]})
	ADDQ(Imm(lanes/8), l.params["odd"])
}

// logarithm32 returns log(1+eta), where of is 1+eta, and what it is made of.
func logarithm32(eta, of vector) (log, s, tail vector, near mask) {
	const one, rootHalf, exponent = 0x3f800000, 0x3f3504f3, 0xff800000
	k := take()
	VMOVUPS(eightBits(one-rootHalf), k)
	VPADDD(of, k, k)
	near, s = mask{take()}, take()
	VPAND(eightBits(exponent), k, near.v)
	VPSUBD(near.v, of, s)
	VPADDD(eightBits(one), s, s)
	VSUBPS(eightOf(1), s, s)
	VPCMPEQD(eightBits(one), near.v, near.v)
	near.choose(eta, s, s)
	VPSRLD(U8(23), k, k)
	VPSUBD(eightBits(127), k, k)
	VCVTDQ2PS(k, k)
	tail = take()
	scratch(func() {
		z, p := take(), take()
		VADDPS(eightOf(2), s, z)
		VDIVPS(z, s, s)
		VMULPS(s, s, z)
		horner32(p, z, logPoly32)
		VMULPS(s, z, tail)
		VMULPS(p, tail, tail)
	})
	log = take()
	VMOVAPS(tail, log)
	VFMADD231PS(eightOf(2), s, log)
	VFMADD231PS(eightOf(math.Ln2), k, log)
	give(k)
	return log, s, tail, near
}

// reduced32 returns n and r with w = n·log 2 + r, the polynomial of r, and 2^n.
func reduced32(w vector) (n, r, p, scale vector) {
	scale, n, r, p = take(), take(), take(), take()
	VMOVUPS(eightOf(rounder32), scale)
	VFMADD231PS(eightOf(math.Log2E), w, scale)
	VSUBPS(eightOf(rounder32), scale, n)
	VMOVAPS(w, r)
	VFNMADD231PS(eightOf(math.Ln2), n, r)
	VFNMADD231PS(eightOf(ln2Low32), n, r)
	horner32(p, r, expPoly32)
	VPSLLD(U8(23), scale, scale)
	VPADDD(eightOf(1), scale, scale)
	return n, r, p, scale
}

// exponential makes e^w − 1 of w, and, for the sums, w·e^w − (e^w−1).
func (l *form32Loop) exponential(sums bool) {
	w, em1 := loaded32(l.array(in32W)), take()
	n, r, p, scale := reduced32(w)
	VMULPS(r, r, em1)
	VFMADD213PS(r, p, em1)
	VSUBPS(eightOf(1), scale, r)
	VFMADD213PS(r, scale, em1)
	VMOVUPS(em1, l.array(in32W))
	if sums {
		VCMPPS(U8(0), zero(), n, n)
		VSUBPS(eightOf(1), w, scale)
		VFMADD213PS(eightOf(1), scale, p)
		VMULPS(w, w, scale)
		VMULPS(p, scale, scale)
		VADDPS(eightOf(1), em1, r)
		VFMSUB213PS(em1, w, r)
		mask{n}.choose(scale, r, r)
		VMOVUPS(r, l.array(in32Ramp))
	}
}

// gate returns Φ(x), and, if it is asked for, Φ′(x).
func (l *form32Loop) gate(x vector, withPDF bool) (cdf, pdf vector) {
	cdf, pdf = take(), take()
	scratch(func() {
		a, w := take(), take()
		VANDPS(eightBits(1<<31-1), x, a)
		VMINPS(eightOf(farGate), a, a)
		VMULPS(a, a, w)
		VMULPS(eightOf(-0.5), w, w)
		scratch(func() {
			_, r, p, scale := reduced32(w)
			VMULPS(r, r, pdf)
			VFMADD213PS(r, p, pdf)
			VFMADD213PS(scale, scale, pdf)
		})
		t := w
		VMOVUPS(eightOf(1), t)
		VFMADD231PS(eightOf(millsRate), a, t)
		VMOVUPS(eightOf(1), a)
		VDIVPS(t, a, t)
		horner32(cdf, t, millsPoly)
		VMULPS(pdf, cdf, cdf)
		VSUBPS(cdf, a, t)
		compare(x, less, zero()).choose(cdf, t, cdf)
		gated := l.everywhere("GateTo")
		VCMPPS(less, gated, x, gated)
		mask{gated}.choose(cdf, a, cdf)
		if withPDF {
			VMULPS(eightOf(0.39894228), pdf, pdf)
			mask{gated}.clear(pdf)
		}
	})
	if !withPDF {
		give(pdf)
	}
	return cdf, pdf
}

// flow returns φ, C and Rate of the lanes' forms.
func (l *form32Loop) flow(em1 vector) (phi, c, rate vector) {
	row := columns(l.pieces, 16, l.offsets())
	phi, c, rate = row[0], row[2], row[3]
	VFMADD231PS(l.array(in32D), c, phi)
	VFMADD231PS(em1, row[1], phi)
	give(row[1])
	return phi, c, rate
}

func forwardForms32() {
	onForms32("forwardForms32", "Forms32.Forward", "func(dst, x *float32, n int, f *float32, odd *uint8) uint64", []string{"dst"}, nil, false, func(l *form32Loop) {
		cdf, _ := l.gate(loaded32(l.next(l.x)), false)
		phi, _, _ := l.flow(loaded32(l.array(in32W)))
		VMULPS(cdf, phi, phi)
		VMOVUPS(phi, l.stream("dst"))
	})
}

func backwardXForms32() {
	onForms32("backwardXForms32", "Forms32.BackwardX", "func(dst, x, upstream *float32, n int, f *float32, odd *uint8) uint64", []string{"dst", "upstream"}, nil, false, func(l *form32Loop) {
		cdf, pdf := l.gate(loaded32(l.next(l.x)), true)
		em1 := loaded32(l.array(in32W))
		phi, slope, rate := l.flow(em1)
		VADDPS(eightOf(1), em1, em1)
		VDIVPS(l.array(in32Of), em1, em1)
		VFMADD231PS(em1, rate, slope)
		VMULPS(cdf, slope, slope)
		VFMADD231PS(pdf, phi, slope)
		give(cdf, pdf, phi, rate, em1)
		l.scale(slope, l.params["upstream"])
		VMOVUPS(slope, l.stream("dst"))
	})
}

func sumsForms32() {
	onForms32("sumsForms32", "Forms32.Sums", "func(sums, x, upstream *float32, n int, f *float32, odd *uint8) uint64", []string{"upstream"}, []string{"sums"}, true, func(l *form32Loop) {
		x := loaded32(l.next(l.x))
		omega, _ := l.gate(x, false)
		give(x)
		VMULPS(l.stream("upstream"), omega, omega)
		em1 := loaded32(l.array(in32W))
		low := [4]vector{omega, take(), take(), take()}
		VMULPS(l.array(in32D), omega, low[1])
		VMULPS(em1, omega, low[2])
		VMULPS(l.array(in32Ramp), omega, low[3])
		VADDPS(eightOf(1), em1, em1)
		high := [4]vector{em1, take(), take(), zero()}
		VMULPS(omega, em1, em1)
		VMULPS(l.array(in32Of), em1, high[1])
		VMULPS(l.array(in32Bend), em1, high[2])
		transpose(low)
		transpose(high)
		for k := range low { // in the elements' order
			scratch(func() { l.addSums(k, joinedLower(low[k], high[k])) })
		}
		for k := range low {
			scratch(func() { l.addSums(4+k, joinedUpper(low[k], high[k])) })
		}
	})
}

// addSums adds v to the sums of a lane's form.
func (l *form32Loop) addSums(k int, v vector) {
	at := Mem{Base: l.params["sums"], Index: lane(l.offsets(), k), Scale: 1}
	VADDPS(at, v, v)
	VMOVUPS(v, at)
}

// The constants and polynomials of forms32.go; ../polynomials.py writes the latter.
const (
	rounder32 = 0x1.8p23
	ln2Low32  = -0x1.05c61p-29
	farGate   = 13.1875
	millsRate = 0.3
)

var (
	logPoly32 = []float32{
		0.6666668653488159, 0.399887353181839, 0.2958202362060547,
	}
	expPoly32 = []float32{
		0.5, 0.16666576266288757, 0.04166655242443085, 0.00836323294788599,
		0.0013926250394433737,
	}
	millsPoly = []float32{
		-0.0009850815404206514, 0.1328677237033844, 0.04449215903878212, 0.34586143493652344,
		-0.35721778869628906, 0.5482724905014038, -0.25091326236724854, 0.03762231022119522,
	}
)
