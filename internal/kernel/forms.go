package kernel

import (
	"math"
	"sync"
)

// Forms is a curve y(x) of float64 numbers by closed forms: a [Form] for each interval on
// which the curve is smooth, times Φ(x), the normal distribution function, for x < GateTo.
// An element finds its form as it does its piece in a [Tab]: by a bin.
type Forms struct {
	Scale  float64 // bins per unit of x, a power of two
	First  float64 // number of the first bin, a whole number
	Last   float64 // number of the last bin, less First; elements beyond use the end bins
	GateTo float64

	Bins   []FormBin
	Forms  []Form    // the first is NoForm
	Ratios []float64 // of each form, see there

	nodes [][2]float64 // of Φ, see normalNodes
}

// NewForms returns forms without any.
func NewForms() *Forms { return &Forms{nodes: normalNodes()} }

// FormBin is one interval of the coarse grid: the places where the second, third and fourth
// of the forms in it begin (+Inf where there is none), and the index of the first.
type FormBin struct {
	Kink [MaxKinks]float64
	Form uint64
}

// Form is a closed form of a flow φ in one smooth interval. With d = x − Ref it is
//
//	φ = Mu·x + A + C·d + B·(e^w − 1),  w = W + P·log ℓ,  ℓ = Ratio + Sigma·d,
//
// which is all of A + B·v(x)^p, the limits of that, and affine functions. The numbers lie
// in the order Ref, Sigma, P, W, A, B, C, Mu; Ratio, which is ℓ at Ref, lies elsewhere. It
// is 1, or else less than about ½, so that ℓ − 1 keeps its digits.
type Form [8]float64

// NoForm is the form of elements that are left to the caller.
var NoForm = Form{nan64, nan64, nan64, nan64, nan64, nan64, nan64, nan64}

var nan64 = math.NaN()

// FormSums are the sums over the elements of a form that the gradient to θ is made of:
// with ω = g·Φ(x), or g where there is no gate, and d, ℓ and w as in [Form],
//
//	Σ ω, Σ ω·d, Σ ω·(e^w−1), Σ ω·(w·e^w − (e^w−1)),
//	Σ ω·e^w, Σ ω·e^w·(ℓ−1)/ℓ, Σ ω·e^w·(log ℓ − (ℓ−1)/ℓ), 0.
type FormSums [8]float64

const (
	// MaxFormBlock is the largest number of elements that kernels on forms get at once.
	MaxFormBlock = 256

	// Farthest is how far from 0 elements have a form: where products with x do not overflow.
	Farthest = 0x1p500
)

// FormBlock is what the kernels on forms keep of a block of elements.
type FormBlock struct {
	// At is where the elements' forms begin, eight times their indices: 0 for those that
	// are left to the caller.
	At [MaxFormBlock]uint64

	work [5][MaxFormBlock]float64
}

// Find finds the forms of elements, and reports whether there are any that it leaves to
// the caller: NaN, those that are farther from 0 than about 1e150, and those in bins of form 0.
func (f *Forms) Find(b *FormBlock, x []float64) (odd bool) {
	p := inUse()
	n := 0
	if p.forms != nil {
		if n = len(x) &^ (p.forms.lanes - 1); n > 0 {
			odd = p.forms.find(&b.At[0], &x[0], n, &f.Scale) != 0
		}
	}
	return f.findGeneric(b, x, n) || odd
}

// findGeneric is Find's specification, from an element on.
func (f *Forms) findGeneric(b *FormBlock, x []float64, from int) (odd bool) {
	for i := from; i < len(x); i++ {
		at := f.Locate(x[i])
		odd = odd || at == 0
		b.At[i] = 8 * at
	}
	return odd
}

// Locate returns the index of x's form, or 0 as Find does.
func (f *Forms) Locate(x float64) uint64 {
	if !(math.Abs(x) < Farthest) {
		return 0
	}
	number := math.Floor(x*f.Scale) - f.First
	bin := &f.Bins[int(min(max(number, 0), f.Last))]
	return bin.Form + uint64(btou(x >= bin.Kink[0])+btou(x >= bin.Kink[1])+btou(x >= bin.Kink[2]))
}

// Forward sets dst[i] = y(x[i]) for a block whose forms are found. dst may be x.
func (f *Forms) Forward(b *FormBlock, dst, x []float64) {
	dst = dst[:len(x)]
	n := 0
	if k := inUse().forms; k != nil {
		if n = len(x) &^ (k.lanes - 1); n > 0 {
			k.forward(&dst[0], &x[0], n, &f.Scale, &b.At[0])
		}
	}
	f.forwardGeneric(b, dst, x, n)
}

// forwardGeneric is Forward's specification, from an element on.
func (f *Forms) forwardGeneric(b *FormBlock, dst, x []float64, from int) {
	for i := from; i < len(x); i++ {
		form, d, l := f.start(b.At[i]/8, x[i])
		em1, _, _ := expm1(form.exponent(l))
		cdf, _ := f.gate(x[i])
		dst[i] = form.flow(x[i], d, em1) * cdf
	}
}

// BackwardX sets dst[i] = g[i]·y′(x[i]), NaN if g[i] is not finite, for a block whose
// forms are found. dst may be x or g.
func (f *Forms) BackwardX(b *FormBlock, dst, x, g []float64) {
	dst, g = dst[:len(x)], g[:len(x)]
	n := 0
	if k := inUse().forms; k != nil {
		if n = len(x) &^ (k.lanes - 1); n > 0 {
			k.backwardX(&dst[0], &x[0], &g[0], n, &f.Scale, &b.At[0])
		}
	}
	f.backwardXGeneric(b, dst, x, g, n)
}

// backwardXGeneric is BackwardX's specification, from an element on.
func (f *Forms) backwardXGeneric(b *FormBlock, dst, x, g []float64, from int) {
	for i := from; i < len(x); i++ {
		form, d, l := f.start(b.At[i]/8, x[i])
		rate := form[formP] * form[formSigma] / l.of
		em1, _, _ := expm1(form.exponent(l))
		cdf, pdf := f.gate(x[i])
		slope := math.FMA(form[formB]*(em1+1), rate, form[formMu]+form[formC])
		dy := math.FMA(form.flow(x[i], d, em1), pdf, slope*cdf)
		dst[i] = g[i] * math.FMA(0, g[i], dy)
	}
}

// Sums adds the elements' sums to sums, which has as many entries as there are forms, for
// a block whose forms are found. Those of elements that are left to the caller go to entry
// 0, which means nothing.
func (f *Forms) Sums(b *FormBlock, sums []FormSums, x, g []float64) {
	sums, g = sums[:len(f.Forms)], g[:len(x)]
	n := 0
	if k := inUse().forms; k != nil {
		if n = len(x) &^ (k.lanes - 1); n > 0 {
			k.sums(&sums[0][0], &x[0], &g[0], n, &f.Scale, &b.At[0])
		}
	}
	f.sumsGeneric(b, sums, x, g, n)
}

// sumsGeneric is Sums' specification, from an element on.
func (f *Forms) sumsGeneric(b *FormBlock, sums []FormSums, x, g []float64, from int) {
	for i := from; i < len(x); i++ {
		at := b.At[i] / 8
		s := &sums[at]
		form, d, l := f.start(at, x[i])
		way := l.eta / l.of
		bend := l.log - way
		if l.near {
			bend = math.FMA(l.s, way, l.tail)
		}
		w := form.exponent(l)
		em1, poly, near := expm1(w)
		growth := em1 + 1
		ramp := math.FMA(w, growth, -em1)
		if near {
			ramp = float64(w*w) * math.FMA(w-1, poly, 1)
		}
		cdf, _ := f.gate(x[i])
		omega := float64(g[i] * cdf)
		grown := float64(omega * growth)
		s[0] += omega
		s[1] += float64(omega * d)
		s[2] += float64(omega * em1)
		s[3] += float64(omega * ramp)
		s[4] += grown
		s[5] += float64(grown * way)
		s[6] += float64(grown * bend)
	}
}

// The places of a Form's numbers.
const (
	formRef = iota
	formSigma
	formP
	formW
	formA
	formB
	formC
	formMu
)

// start returns the form of an index, d, and the logarithm of ℓ.
func (f *Forms) start(index uint64, x float64) (form *Form, d float64, l logarithm) {
	form = &f.Forms[index]
	d = x - form[formRef]
	ratio := f.Ratios[index]
	return form, d, logOf(math.FMA(form[formSigma], d, ratio-1), math.FMA(form[formSigma], d, ratio))
}

// exponent returns w.
func (f *Form) exponent(l logarithm) float64 { return math.FMA(f[formP], l.log, f[formW]) }

// flow returns φ.
func (f *Form) flow(x, d, em1 float64) float64 {
	return math.FMA(f[formMu], x, math.FMA(f[formB], em1, math.FMA(f[formC], d, f[formA])))
}

// logarithm is that of a number of, which is near 1 + eta: where it is near 1, from √½ to
// √2, it is 2·s + tail with s = eta/(2+eta).
type logarithm struct {
	of, eta, log float64
	s, tail      float64
	near         bool
}

// logOf returns the logarithm of 1+eta, which is rounded to ratio, a positive normal number.
func logOf(eta, ratio float64) logarithm {
	const one, rootHalf = 0x3ff0000000000000, 0x3fe6a09e667f3bcd
	const exponent = 0xfff0000000000000
	b := math.Float64bits(ratio)
	t := b + (one - rootHalf)
	e := t & exponent
	f := math.Float64frombits(b-e+one) - 1
	near := e == one
	if near {
		f = eta
	}
	k := float64(int64(t>>52) - 1023)
	s := f / (f + 2)
	z := s * s
	p := logPoly[len(logPoly)-1]
	for j := len(logPoly) - 2; j >= 0; j-- {
		p = math.FMA(p, z, logPoly[j])
	}
	tail := s * z * p
	return logarithm{of: ratio, eta: eta, log: math.FMA(k, math.Ln2, math.FMA(2, s, tail)), s: s, tail: tail, near: near}
}

// expm1 returns e^w − 1 for |w| < 700. For w so small that it is reduced by no multiple of
// log 2, near, it is w + w²·poly.
func expm1(w float64) (em1, poly float64, near bool) {
	const one = 0x3ff0000000000000
	t := math.FMA(w, math.Log2E, rounder)
	n := t - rounder
	r := math.FMA(-n, ln2Low, math.FMA(-n, math.Ln2, w))
	p := expPoly[len(expPoly)-1]
	for j := len(expPoly) - 2; j >= 0; j-- {
		p = math.FMA(p, r, expPoly[j])
	}
	scale := math.Float64frombits(math.Float64bits(t)<<52 + one)
	return math.FMA(scale, math.FMA(float64(r*r), p, r), scale-1), p, n == 0
}

const (
	// rounder, added to a number and subtracted, rounds it to a whole one.
	rounder = 0x1.8p52

	// ln2Low is log 2 less math.Ln2 as a float64.
	ln2Low = 0x1.abc9e3b39803fp-56
)

// The polynomials interpolate (log(1+f) − 2s)/s³, s² being their argument, and
// (e^r − 1 − r)/r² at Chebyshev nodes, for 1+f from √½ to √2 and |r| ≤ ½·log 2, so that
// the logarithm and the exponential are off by less than 3e-17 where they are not rounded.
// polynomials.py writes them, here and in package gen.
var (
	logPoly = [...]float64{
		0.666666666666667, 0.3999999999989827, 0.2857142862653362, 0.22222211043776857,
		0.18182895750119193, 0.1533150161114533, 0.1461916613488797,
	}
	expPoly = [...]float64{
		0.5, 0.16666666666666669, 0.041666666666623824, 0.008333333333330039,
		0.0013888888917367081, 0.00019841269863171557, 2.4801521057868204e-05, 2.7557268276905696e-06,
		2.7620201591031547e-07, 2.5100472505694996e-08,
	}
)

// The gate is found from nodes at c = k/64 for c from −gateReach to gateEnd. Elements
// beyond are taken for the end they are beyond of, whose numbers are 0 and 0, or 1 and 0.
const (
	gateNodes = 64
	gateReach = 39
	gateEnd   = 9
)

// normalNodes holds Φ and Φ′ at the nodes.
var normalNodes = sync.OnceValue(func() [][2]float64 {
	const invSqrt2Pi = 0.39894228040143267793994605993438186847585863116493
	nodes := make([][2]float64, (gateReach+gateEnd)*gateNodes+1)
	for i := range nodes {
		x := float64(i)/gateNodes - gateReach
		nodes[i] = [2]float64{0.5 * math.Erfc(-x/math.Sqrt2), invSqrt2Pi * math.Exp(-0.5*x*x)}
	}
	nodes[0], nodes[len(nodes)-1] = [2]float64{0, 0}, [2]float64{1, 0}
	return nodes
})

// gate returns Φ(x) and Φ′(x), and 1 and 0 for x ≥ GateTo, with absolute errors of 1e-15, and
// for x > −8 relative ones of 1e-12: by Taylor's series about the nearest node c, whose terms are
// Φ^(k+1)(c) = (−1)^k·He_k(c)·Φ′(c) with the Hermite polynomials He_k; and for Φ′ by that
// of the exponential, Φ′(c+d) = Φ′(c)·e^{−d·(c+d/2)}.
func (f *Forms) gate(x float64) (cdf, pdf float64) {
	const toIndex = rounder + gateReach*gateNodes
	at := min(max(x, -gateReach), gateEnd)
	if !(x < f.GateTo) {
		at = gateEnd
	}
	t := math.FMA(at, gateNodes, toIndex)
	c := float64((t - toIndex) * (1. / gateNodes))
	node := &f.nodes[uint32(math.Float64bits(t))]
	d := at - c
	c2 := c * c
	h1, h2 := c*(-1./2), math.FMA(c2, 1./6, -1./6)
	h3 := c * math.FMA(c2, -1./24, 3./24)
	h4 := math.FMA(c2, math.FMA(c2, 1./120, -6./120), 3./120)
	h5 := c * math.FMA(c2, math.FMA(c2, -1./720, 10./720), -15./720)
	p := math.FMA(d, math.FMA(d, math.FMA(d, math.FMA(d, math.FMA(d, h5, h4), h3), h2), h1), 1)
	cdf = math.FMA(float64(node[1]*d), p, node[0])

	e := math.FMA(d, -0.5, -c) * d
	q := math.FMA(e, 1./720, 1./120)
	q = math.FMA(e, q, 1./24)
	q = math.FMA(e, q, 1./6)
	q = math.FMA(e, q, 1./2)
	q = math.FMA(e, q, 1)
	q = math.FMA(e, q, 1)
	return cdf, node[1] * q
}
