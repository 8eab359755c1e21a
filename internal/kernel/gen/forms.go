package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	doubles   = 4       // float64 in a vector
	formBlock = 8 * 256 // bytes of an array of a FormBlock
)

// formFields are the offsets of Forms' fields.
var formFields = map[string]int{
	"Scale": 0, "First": 8, "Last": 16, "GateTo": 24,
	"Bins": 32, "Forms": 56, "Ratios": 80, "nodes": 104,
}

// The arrays of a FormBlock after At, for what one pass leaves to the next.
const (
	inW    = 1 + iota // w, then e^w − 1
	inD               // d
	inRate            // dw/dx, or (ℓ−1)/ℓ
	inBend            // log ℓ − (ℓ−1)/ℓ
	inRamp            // w·e^w − (e^w−1)
)

// formLoop are the passes of a kernel on forms over a block.
type formLoop struct {
	params
	at, end reg.Register // the bytes of the block that are done, and all of them
	forms   reg.Register // the Forms
	block   reg.Register
}

// onForms writes a kernel on forms. parameters are those beside n and the forms.
func onForms(name, does, signature string, parameters []string, body func(l *formLoop)) {
	name += "AVX2"
	TEXT(name, 0, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is %s for n > 0, a multiple of %d and at most MaxFormBlock.", name, does, doubles))
	scratch(func() {
		l := &formLoop{params: params{}, at: GP64(), end: Load(Param("n"), GP64()), forms: Load(Param("f"), GP64())}
		SHLQ(U8(3), l.end)
		for _, name := range parameters {
			l.params[name] = Load(Param(name), GP64())
		}
		l.block = l.params["b"]
		body(l)
	})
}

// pass writes a pass, of what body does for a vector of elements.
func (l *formLoop) pass(label string, body func()) {
	XORQ(l.at, l.at)
	Label(label)
	scratch(body)
	ADDQ(Imm(8*doubles), l.at)
	CMPQ(l.at, l.end)
	JNE(LabelRef(label))
}

// next returns the next vector of a stream, array that of an array of the block.
func (l *formLoop) next(stream string) Mem {
	return Mem{Base: l.params[stream], Index: l.at, Scale: 1}
}

func (l *formLoop) array(k int) Mem {
	return Mem{Base: l.block, Index: l.at, Scale: 1, Disp: k * formBlock}
}

// pointer returns a register with a field that is a pointer or a slice.
func (l *formLoop) pointer(field string) reg.Register {
	p := GP64()
	MOVQ(Mem{Base: l.forms, Disp: formFields[field]}, p)
	return p
}

// everywhere returns a vector of a float64 field.
func (l *formLoop) everywhere(field string) vector {
	v := take()
	VBROADCASTSD(Mem{Base: l.forms, Disp: formFields[field]}, v)
	return v
}

// loaded returns a vector from memory.
func loaded(m Mem) vector {
	v := take()
	VMOVUPD(m, v)
	return v
}

// quads64 are the places of constants that fill a vector.
var quads64 = map[uint64]Mem{}

// fourOf returns the place of a vector of a number.
func fourOf(x float64) Mem { return fourBits(math.Float64bits(x)) }

// fourBits returns the place of a vector of 64 bits.
func fourBits(bits uint64) Mem {
	at, ok := quads64[bits]
	if !ok {
		at = GLOBL(fmt.Sprintf("four%016x", bits), attr.RODATA|attr.NOPTR)
		for k := range doubles {
			DATA(8*k, U64(bits))
		}
		quads64[bits] = at
	}
	return at
}

// offsets64 returns the offsets of the lanes of a vector of them in memory.
func offsets64(m Mem) (lanes [doubles]reg.Register) {
	for k := range lanes {
		lanes[k] = GP64()
		MOVQ(m.Offset(8*k), lanes[k])
	}
	return lanes
}

// pairs64 loads two float64 for each lane, at its offset times scale from base.
func pairs64(base reg.Register, disp int, lanes [doubles]reg.Register, scale uint8) (first, second vector) {
	at := func(k int) Mem { return Mem{Base: base, Index: lanes[k], Scale: scale, Disp: disp} }
	first, second = take(), take()
	scratch(func() {
		odd := take()
		VMOVUPD(at(0), first.AsX())
		VMOVUPD(at(1), odd.AsX())
		setUpperHalf(at(2), first)
		setUpperHalf(at(3), odd)
		VUNPCKHPD(odd, first, second)
		VUNPCKLPD(odd, first, first)
	})
	return first, second
}

// singles64 loads a float64 for each lane.
func singles64(base reg.Register, lanes [doubles]reg.Register, scale uint8) (v vector) {
	at := func(k int) Mem { return Mem{Base: base, Index: lanes[k], Scale: scale} }
	v = take()
	scratch(func() {
		upper := take()
		VMOVSD(at(0), v.AsX())
		VMOVHPD(at(1), v.AsX(), v.AsX())
		VMOVSD(at(2), upper.AsX())
		VMOVHPD(at(3), upper.AsX(), upper.AsX())
		setUpperHalf(upper.AsX(), v)
	})
	return v
}

// horner sets p to the polynomial of x with the coefficients c, lowest power first.
func horner(p, x vector, c []float64) {
	VMOVUPD(fourOf(c[len(c)-1]), p)
	for j := len(c) - 2; j >= 0; j-- {
		VFMADD213PD(fourOf(c[j]), x, p)
	}
}

// findForms is Forms.Find.
func findForms() {
	onForms("findForms", "Forms.Find", "func(at *uint64, x *float64, n int, f *float64) uint64", []string{"at", "x"}, func(l *formLoop) {
		l.block = l.params["at"]
		scale, first, last := l.everywhere("Scale"), l.everywhere("First"), l.everywhere("Last")
		none := zero()
		l.pass("bins", func() {
			bin := loaded(l.next("x"))
			VMULPD(scale, bin, bin)
			VROUNDPD(U8(1), bin, bin)
			VSUBPD(first, bin, bin)
			VMAXPD(none, bin, bin) // 0 for NaN
			VMINPD(last, bin, bin)
			VCVTTPD2DQY(bin, bin.AsX())
			VPMOVZXDQ(bin.AsX(), bin)
			VPSLLQ(U8(5), bin, bin) // the size of a FormBin
			VMOVUPD(bin, l.array(0))
		})
		give(scale, first, last)
		bins, odd := l.pointer("Bins"), zero()
		l.pass("forms", func() {
			x := loaded(l.next("x"))
			lanes := offsets64(l.array(0))
			k0, k1 := pairs64(bins, 0, lanes, 1)
			k2, form := pairs64(bins, 16, lanes, 1)
			for _, kink := range []vector{k0, k1, k2} {
				VCMPPD(greaterEqual, kink, x, kink)
				VPSUBQ(kink, form, form)
			}
			VANDPD(fourBits(1<<63-1), x, x)
			VCMPPD(less, fourOf(0x1p500), x, x)
			VPAND(x, form, form)
			VPSLLQ(U8(3), form, form)
			VMOVUPD(form, l.array(0))
			VPCMPEQQ(none, form, form)
			VPOR(form, odd, odd)
		})
		result := GP64()
		VMOVMSKPD(odd, result.As32())
		VZEROUPPER()
		Store(result, ReturnIndex(0))
		RET()
	})
}

// formWay says what start leaves beside w and d.
type formWay int

const (
	noWay   formWay = iota
	rateWay         // dw/dx
	sumsWay         // what the sums take
)

// start is the pass that finds w.
func (l *formLoop) start(way formWay) {
	forms, ratios := l.pointer("Forms"), l.pointer("Ratios")
	l.pass("start", func() {
		lanes := offsets64(l.array(0))
		ref, sigma := pairs64(forms, 0, lanes, 8)
		d := loaded(l.next("x"))
		VSUBPD(ref, d, d)
		VMOVUPD(d, l.array(inD))
		give(ref)
		ratio := singles64(ratios, lanes, 1)
		eta := take()
		VSUBPD(fourOf(1), ratio, eta)
		VFMADD231PD(sigma, d, eta)
		VFMADD231PD(sigma, d, ratio)
		give(d)
		log, s, tail, near := logarithm(eta, ratio, way == sumsWay)
		if way == sumsWay {
			VDIVPD(ratio, eta, eta)
			VMOVUPD(eta, l.array(inRate))
			bend := take()
			VSUBPD(eta, log, bend)
			VFMADD213PD(tail, eta, s)
			VBLENDVPD(near, s, bend, bend)
			VMOVUPD(bend, l.array(inBend))
			give(bend, s, tail, near)
		}
		p, w := pairs64(forms, 16, lanes, 8)
		if way == rateWay {
			VMULPD(p, sigma, sigma)
			VDIVPD(ratio, sigma, sigma)
			VMOVUPD(sigma, l.array(inRate))
		}
		VFMADD231PD(log, p, w)
		VMOVUPD(w, l.array(inW))
	})
}

// logarithm returns log(1+eta), where ratio is 1+eta, and, if all is set, what it is made of.
func logarithm(eta, ratio vector, all bool) (log, s, tail, near vector) {
	const one, rootHalf, exponent = 0x3ff0000000000000, 0x3fe6a09e667f3bcd, 0xfff0000000000000
	k := take()
	VMOVUPD(fourBits(one-rootHalf), k)
	VPADDQ(ratio, k, k)
	near, s = take(), take()
	VPAND(fourBits(exponent), k, near)
	VPSUBQ(near, ratio, s)
	VPADDQ(fourBits(one), s, s)
	VSUBPD(fourOf(1), s, s)
	VPCMPEQQ(fourBits(one), near, near)
	VBLENDVPD(near, eta, s, s)
	VPSRLQ(U8(52), k, k)
	VPOR(fourOf(0x1p52), k, k)
	VSUBPD(fourOf(0x1p52+1023), k, k)
	tail = take()
	scratch(func() {
		z, p := take(), take()
		VADDPD(fourOf(2), s, z)
		VDIVPD(z, s, s)
		VMULPD(s, s, z)
		horner(p, z, logPoly)
		VMULPD(s, z, tail)
		VMULPD(p, tail, tail)
	})
	log = take()
	VMOVAPD(tail, log)
	VFMADD231PD(fourOf(2), s, log)
	VFMADD231PD(fourOf(math.Ln2), k, log)
	give(k)
	if !all {
		give(near, s, tail)
	}
	return log, s, tail, near
}

// exponential is the pass that makes e^w − 1 of w, and, for the sums, w·e^w − (e^w−1).
func (l *formLoop) exponential(ramp bool) {
	l.pass("exponential", func() {
		w, t, n, r, p, em1 := loaded(l.array(inW)), take(), take(), take(), take(), take()
		VMOVUPD(fourOf(rounder), t)
		VFMADD231PD(fourOf(math.Log2E), w, t)
		VSUBPD(fourOf(rounder), t, n)
		VMOVAPD(w, r)
		VFNMADD231PD(fourOf(math.Ln2), n, r)
		VFNMADD231PD(fourOf(ln2Low), n, r)
		horner(p, r, expPoly)
		VMULPD(r, r, em1)
		VFMADD213PD(r, p, em1)
		VPSLLQ(U8(52), t, t)
		VPADDQ(fourOf(1), t, t)
		VSUBPD(fourOf(1), t, r)
		VFMADD213PD(r, t, em1)
		VMOVUPD(em1, l.array(inW))
		if ramp {
			VCMPPD(U8(0), fourOf(0), n, n)
			VSUBPD(fourOf(1), w, t)
			VFMADD213PD(fourOf(1), t, p)
			VMULPD(w, w, t)
			VMULPD(p, t, t)
			VADDPD(fourOf(1), em1, r)
			VFMSUB213PD(em1, w, r)
			VBLENDVPD(n, t, r, r)
			VMOVUPD(r, l.array(inRamp))
		}
	})
}

// flow returns φ, and B and Mu + C of the lanes' forms.
func (l *formLoop) flow(forms reg.Register, lanes [doubles]reg.Register, x, em1 vector) (phi, b, slope vector) {
	phi, b = pairs64(forms, 32, lanes, 8)
	c, mu := pairs64(forms, 48, lanes, 8)
	scratch(func() {
		VFMADD231PD(l.array(inD), c, phi)
		VFMADD231PD(em1, b, phi)
		VFMADD231PD(x, mu, phi)
	})
	VADDPD(c, mu, mu)
	give(c)
	return phi, b, mu
}

// gate returns Φ(x), and, if it is asked for, Φ′(x).
func (l *formLoop) gate(nodes reg.Register, slots Mem, x vector, withPDF bool) (cdf, pdf vector) {
	const gateNodes, gateReach, gateEnd = 64, 39, 9
	const toIndex = rounder + gateReach*gateNodes
	d, c, slot := take(), take(), take()
	VMAXPD(fourOf(-gateReach), x, d)
	VMINPD(fourOf(gateEnd), d, d)
	gateTo := l.everywhere("GateTo")
	VCMPPD(less, gateTo, x, gateTo)
	VMOVUPD(fourOf(gateEnd), c)
	VBLENDVPD(gateTo, d, c, d)
	give(gateTo)
	VMOVUPD(fourOf(toIndex), slot)
	VFMADD231PD(fourOf(gateNodes), d, slot)
	VSUBPD(fourOf(toIndex), slot, c)
	VMULPD(fourOf(1./gateNodes), c, c)
	VSUBPD(c, d, d)
	VPSLLQ(U8(1), slot, slot) // nodes have two numbers
	VMOVUPD(slot, slots)
	give(slot)
	var lanes [doubles]reg.Register
	for k := range lanes {
		lanes[k] = GP64()
		MOVL(slots.Offset(8*k), lanes[k].(reg.GP).As32())
	}
	cdf, pdf = pairs64(nodes, 0, lanes, 8)
	scratch(func() {
		c2, p, h := take(), take(), take()
		VMULPD(c, c, c2)
		hermite := func(to vector, c2 vector, coefficients ...float64) { horner(to, c2, coefficients) }
		hermite(p, c2, -15./720, 10./720, -1./720)
		VMULPD(c, p, p)
		hermite(h, c2, 3./120, -6./120, 1./120)
		VFMADD213PD(h, d, p)
		hermite(h, c2, 3./24, -1./24)
		VMULPD(c, h, h)
		VFMADD213PD(h, d, p)
		hermite(h, c2, -1./6, 1./6)
		VFMADD213PD(h, d, p)
		VMULPD(fourOf(-1./2), c, h)
		VFMADD213PD(h, d, p)
		VFMADD213PD(fourOf(1), d, p)
		VMULPD(d, pdf, h)
		VFMADD231PD(p, h, cdf)
		if withPDF {
			VMOVUPD(fourOf(-0.5), h)
			VFMSUB213PD(c, d, h)
			VMULPD(d, h, h)
			horner(p, h, []float64{1, 1, 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720})
			VMULPD(p, pdf, pdf)
		}
	})
	give(d, c)
	if !withPDF {
		give(pdf)
	}
	return cdf, pdf
}

// forwardForms is Forms.Forward.
func forwardForms() {
	onForms("forwardForms", "Forms.Forward", "func(dst, x *float64, n int, f *float64, b *uint64)", []string{"dst", "x", "b"}, func(l *formLoop) {
		slots := AllocLocal(8 * doubles)
		l.start(noWay)
		l.exponential(false)
		forms, nodes := l.pointer("Forms"), l.pointer("nodes")
		l.pass("evaluate", func() {
			x := loaded(l.next("x"))
			cdf, _ := l.gate(nodes, slots, x, false)
			em1 := loaded(l.array(inW))
			phi, _, _ := l.flow(forms, offsets64(l.array(0)), x, em1)
			VMULPD(cdf, phi, phi)
			VMOVUPD(phi, l.next("dst"))
		})
		VZEROUPPER()
		RET()
	})
}

// backwardXForms is Forms.BackwardX.
func backwardXForms() {
	onForms("backwardXForms", "Forms.BackwardX", "func(dst, x, upstream *float64, n int, f *float64, b *uint64)", []string{"dst", "x", "upstream", "b"}, func(l *formLoop) {
		slots := AllocLocal(8 * doubles)
		l.start(rateWay)
		l.exponential(false)
		forms, nodes := l.pointer("Forms"), l.pointer("nodes")
		l.pass("evaluate", func() {
			x := loaded(l.next("x"))
			cdf, pdf := l.gate(nodes, slots, x, true)
			em1 := loaded(l.array(inW))
			phi, b, slope := l.flow(forms, offsets64(l.array(0)), x, em1)
			VADDPD(fourOf(1), em1, em1)
			VMULPD(em1, b, b)
			VFMADD231PD(l.array(inRate), b, slope)
			VMULPD(cdf, slope, slope)
			VFMADD231PD(pdf, phi, slope)
			g := loaded(l.next("upstream"))
			VFMADD231PD(fourOf(0), g, slope)
			VMULPD(g, slope, slope)
			VMOVUPD(slope, l.next("dst"))
		})
		VZEROUPPER()
		RET()
	})
}

// sumsForms is Forms.Sums.
func sumsForms() {
	onForms("sumsForms", "Forms.Sums", "func(sums, x, upstream *float64, n int, f *float64, b *uint64)", []string{"sums", "x", "upstream", "b"}, func(l *formLoop) {
		slots := AllocLocal(8 * doubles)
		l.start(sumsWay)
		l.exponential(true)
		nodes := l.pointer("nodes")
		l.pass("add", func() {
			x := loaded(l.next("x"))
			omega, _ := l.gate(nodes, slots, x, false)
			give(x)
			VMULPD(l.next("upstream"), omega, omega)
			em1 := loaded(l.array(inW))
			low := [4]vector{omega, take(), take(), take()}
			VMULPD(l.array(inD), omega, low[1])
			VMULPD(em1, omega, low[2])
			VMULPD(l.array(inRamp), omega, low[3])
			VADDPD(fourOf(1), em1, em1)
			grown := em1
			VMULPD(omega, em1, grown)
			high := [4]vector{grown, take(), take(), zero()}
			VMULPD(l.array(inRate), grown, high[1])
			VMULPD(l.array(inBend), grown, high[2])
			lanes := offsets64(l.array(0))
			scratch(func() { addRows(l.params["sums"], 0, lanes, low) })
			scratch(func() { addRows(l.params["sums"], 32, lanes, high) })
		})
		VZEROUPPER()
		RET()
	})
}

// addRows adds the four numbers of each lane, which lie in four vectors, to its sums.
func addRows(sums reg.Register, disp int, lanes [doubles]reg.Register, v [4]vector) {
	t := [4]vector{take(), take(), v[0], v[2]}
	VUNPCKLPD(v[1], v[0], t[0]) // numbers 0 and 1 of lanes 0 and 2
	VUNPCKLPD(v[3], v[2], t[1]) // numbers 2 and 3
	VUNPCKHPD(v[1], v[0], t[2]) // 0 and 1 of lanes 1 and 3
	VUNPCKHPD(v[3], v[2], t[3])
	rows := [doubles]vector{v[1], v[3], t[0], t[2]}
	VPERM2F128(Imm(0x20), t[1], t[0], rows[0])
	VPERM2F128(Imm(0x20), t[3], t[2], rows[1])
	VPERM2F128(Imm(0x31), t[1], t[0], rows[2])
	VPERM2F128(Imm(0x31), t[3], t[2], rows[3])
	for k, row := range rows {
		at := Mem{Base: sums, Index: lanes[k], Scale: 8, Disp: disp}
		VADDPD(at, row, row)
		VMOVUPD(row, at)
	}
}

// The constants and polynomials of forms.go; ../polynomials.py writes the latter.
const (
	rounder = 0x1.8p52
	ln2Low  = 0x1.abc9e3b39803fp-56
)

var (
	logPoly = []float64{
		0.666666666666667, 0.3999999999989827, 0.2857142862653362, 0.22222211043776857,
		0.18182895750119193, 0.1533150161114533, 0.1461916613488797,
	}
	expPoly = []float64{
		0.5, 0.16666666666666669, 0.041666666666623824, 0.008333333333330039,
		0.0013888888917367081, 0.00019841269863171557, 2.4801521057868204e-05, 2.7557268276905696e-06,
		2.7620201591031547e-07, 2.5100472505694996e-08,
	}
)
