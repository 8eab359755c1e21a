package kernel

import "math"

// Forms32 is [Forms] for float32 numbers, in float32 arithmetic: a few units in the last
// place less exact than what it is made of, and twice as many elements at once. Its fields
// lie as those of a [Tab] do as far as they are the same.
type Forms32 struct {
	Scale  float32 // bins per unit of x, a power of two
	First  float32 // number of the first bin, a whole number
	Last   float32 // number of the last bin, less First; elements beyond use the end bins
	GateTo float32

	Bins  []Bin    // Bin.Piece is the index of a form
	Forms []Form32 // the first is NoForm32
}

// Form32 is a closed form of a flow φ in one smooth interval. With d = x − Ref it is
//
//	φ = A + C·d + B·(e^w − 1),  w = W + P·log ℓ,  ℓ = 1 + Sigma·d,
//	φ′ = C + Rate·e^w/ℓ,
//
// where Rate is B·P·Sigma. The numbers lie in the order Ref, Sigma, P, W, A, B, C, Rate. One
// whose Ref is NaN is left to the caller.
type Form32 [8]float32

// NoForm32 is the form of elements that are left to the caller.
var NoForm32 = Form32{nan, nan, nan, nan, nan, nan, nan, nan}

// FormSums32 are the sums over the elements of a form that the gradient to θ is made of:
// those of [FormSums], with ℓ and d as in [Form32].
type FormSums32 [8]float32

// Farthest32 is how far from 0 elements have a form: where products with x do not
// overflow, and with Φ(x) left of 0 are nothing.
const Farthest32 = 0x1p60

// Forward sets dst[i] = y(x[i]) for at most MaxBlock elements, and names those that it leaves
// to the caller: NaN, those that are farther from 0 than about 1e18, and those whose form, or
// whose bin's, is left. It reports whether there are any. dst may be x.
func (f *Forms32) Forward(dst, x []float32, odd *Odd) (any bool) {
	dst, *odd = dst[:len(x)], Odd{}
	n := 0
	if k := inUse().forms32; k != nil {
		if n = len(x) &^ (k.lanes - 1); n > 0 {
			any = k.forward(&dst[0], &x[0], n, &f.Scale, odd.start()) != 0
		}
	}
	return f.forwardGeneric(dst, x, odd, n) || any
}

// forwardGeneric is Forward's specification, from an element on.
func (f *Forms32) forwardGeneric(dst, x []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		v := x[i]
		form := &f.Forms[f.Locate(v)]
		d, l := form.start(v)
		w := fma32(form[formP], l.log, form[formW])
		if w != w {
			odd.set(i)
			any = true
		}
		em1, _, _ := expm1f(w)
		cdf, _ := f.gate(v)
		dst[i] = form.flow(d, em1) * cdf
	}
	return any
}

// BackwardX sets dst[i] = g[i]·y′(x[i]), NaN if g[i] is not finite, and names and reports
// what Forward does. dst may be x or g.
func (f *Forms32) BackwardX(dst, x, g []float32, odd *Odd) (any bool) {
	dst, g, *odd = dst[:len(x)], g[:len(x)], Odd{}
	n := 0
	if k := inUse().forms32; k != nil {
		if n = len(x) &^ (k.lanes - 1); n > 0 {
			any = k.backwardX(&dst[0], &x[0], &g[0], n, &f.Scale, odd.start()) != 0
		}
	}
	return f.backwardXGeneric(dst, x, g, odd, n) || any
}

// backwardXGeneric is BackwardX's specification, from an element on.
func (f *Forms32) backwardXGeneric(dst, x, g []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		v := x[i]
		form := &f.Forms[f.Locate(v)]
		d, l := form.start(v)
		w := fma32(form[formP], l.log, form[formW])
		if w != w {
			odd.set(i)
			any = true
		}
		em1, _, _ := expm1f(w)
		cdf, pdf := f.gate(v)
		slope := fma32(form[formRate], (em1+1)/l.of, form[formC])
		dy := fma32(form.flow(d, em1), pdf, float32(slope*cdf))
		dst[i] = g[i] * fma32(0, g[i], dy)
	}
	return any
}

// Sums adds the elements' sums to sums, which has as many entries as there are forms. Those
// of elements that are left to the caller go to entries that mean nothing: 0, and the forms'
// own. It names and reports what Forward does.
func (f *Forms32) Sums(sums []FormSums32, x, g []float32, odd *Odd) (any bool) {
	sums, g, *odd = sums[:len(f.Forms)], g[:len(x)], Odd{}
	n := 0
	if k := inUse().forms32; k != nil {
		if n = len(x) &^ (k.lanes - 1); n > 0 {
			any = k.sums(&sums[0][0], &x[0], &g[0], n, &f.Scale, odd.start()) != 0
		}
	}
	return f.sumsGeneric(sums, x, g, odd, n) || any
}

// sumsGeneric is Sums' specification, from an element on.
func (f *Forms32) sumsGeneric(sums []FormSums32, x, g []float32, odd *Odd, from int) (any bool) {
	for i := from; i < len(x); i++ {
		v := x[i]
		at := f.Locate(v)
		form, s := &f.Forms[at], &sums[at]
		d, l := form.start(v)
		way := l.eta / l.of
		bend := l.log - way
		if l.near {
			bend = fma32(l.s, way, l.tail)
		}
		w := fma32(form[formP], l.log, form[formW])
		if w != w {
			odd.set(i)
			any = true
		}
		em1, poly, near := expm1f(w)
		growth := em1 + 1
		ramp := fma32(w, growth, -em1)
		if near {
			ramp = float32(w*w) * fma32(w-1, poly, 1)
		}
		cdf, _ := f.gate(v)
		omega := float32(g[i] * cdf)
		grown := float32(omega * growth)
		s[0] += omega
		s[1] += float32(omega * d)
		s[2] += float32(omega * em1)
		s[3] += float32(omega * ramp)
		s[4] += grown
		s[5] += float32(grown * way)
		s[6] += float32(grown * bend)
	}
	return any
}

// formRate is the place of a Form32's Rate; the others are those of a Form.
const formRate = formMu

// Locate returns the index of x's form, or 0 as Forward does.
func (f *Forms32) Locate(x float32) uint32 {
	if !(math.Abs(float64(x)) < Farthest32) {
		return 0
	}
	number := float32(math.Floor(float64(x*f.Scale))) - f.First
	return f.Bins[int(min(max(number, 0), f.Last))].piece(x)
}

// start returns d and the logarithm of ℓ.
func (f *Form32) start(x float32) (d float32, l logarithm32) {
	d = x - f[formRef]
	return d, logOf32(f[formSigma] * d)
}

// flow returns φ.
func (f *Form32) flow(d, em1 float32) float32 {
	return fma32(f[formB], em1, fma32(f[formC], d, f[formA]))
}

// fma32 returns a·b + c, rounded once: the product is a float64, and a sum of float64 that
// is rounded to odd where it is not one rounds to float32 as if it were exact.
func fma32(a, b, c float32) float32 {
	p, q := float64(a)*float64(b), float64(c)
	sum := p + q
	back := sum - q
	lost := (p - back) + (q - (sum - back))
	bits := math.Float64bits(sum)
	if lost != 0 && lost-lost == 0 && bits&1 == 0 {
		if (lost > 0) == (sum > 0) {
			bits++
		} else {
			bits--
		}
	}
	return float32(math.Float64frombits(bits))
}

// logarithm32 is [logarithm] in float32; of is 1 + eta.
type logarithm32 struct {
	of, eta, log float32
	s, tail      float32
	near         bool
}

// logOf32 returns the logarithm of 1+eta, which is positive and normal.
func logOf32(eta float32) logarithm32 {
	const one, rootHalf = 0x3f800000, 0x3f3504f3
	const exponent = 0xff800000
	ratio := eta + 1
	b := math.Float32bits(ratio)
	t := b + (one - rootHalf)
	e := t & exponent
	f := math.Float32frombits(b-e+one) - 1
	near := e == one
	if near {
		f = eta
	}
	k := float32(int32(t>>23) - 127)
	s := f / (f + 2)
	z := float32(s * s)
	p := logPoly32[len(logPoly32)-1]
	for j := len(logPoly32) - 2; j >= 0; j-- {
		p = fma32(p, z, logPoly32[j])
	}
	tail := float32(float32(s*z) * p)
	return logarithm32{of: ratio, eta: eta, log: fma32(k, math.Ln2, fma32(2, s, tail)), s: s, tail: tail, near: near}
}

// expm1f returns e^w − 1 for |w| < 80. For w so small that it is reduced by no multiple of
// log 2, near, it is w + w²·poly.
func expm1f(w float32) (em1, poly float32, near bool) {
	n, r, p, scale := reduced32(w)
	return fma32(scale, fma32(float32(r*r), p, r), scale-1), p, n == 0
}

// reduced32 returns n and r with w = n·log 2 + r, the polynomial of r, and 2^n.
func reduced32(w float32) (n, r, p, scale float32) {
	const one = 0x3f800000
	t := fma32(w, math.Log2E, rounder32)
	n = t - rounder32
	r = fma32(-n, ln2Low32, fma32(-n, math.Ln2, w))
	p = expPoly32[len(expPoly32)-1]
	for j := len(expPoly32) - 2; j >= 0; j-- {
		p = fma32(p, r, expPoly32[j])
	}
	return n, r, p, math.Float32frombits(math.Float32bits(t)<<23 + one)
}

const (
	rounder32 = 0x1.8p23 // as rounder

	// ln2Low32 is log 2 less math.Ln2 as a float32.
	ln2Low32 = -0x1.05c61p-29

	// Beyond farGate, e^(−x²/2) is taken for what it is there, 2e-38. millsRate is that of
	// the argument of millsPoly.
	farGate   = 13.1875
	millsRate = 0.3
)

// logPoly32 and expPoly32 are logPoly and expPoly for float32. millsPoly interpolates
// Φ(−a)·e^(a²/2) as a function of 1/(1 + millsRate·a), for a from 0 to 6; e^(−a²/2) times it
// is off by 3e-8 at most, beyond 6, too. polynomials.py writes them, here and in package gen.
var (
	logPoly32 = [...]float32{
		0.6666668653488159, 0.399887353181839, 0.2958202362060547,
	}
	expPoly32 = [...]float32{
		0.5, 0.16666576266288757, 0.04166655242443085, 0.00836323294788599,
		0.0013926250394433737,
	}
	millsPoly = [...]float32{
		-0.0009850815404206514, 0.1328677237033844, 0.04449215903878212, 0.34586143493652344,
		-0.35721778869628906, 0.5482724905014038, -0.25091326236724854, 0.03762231022119522,
	}
)

// gate returns Φ(x) and Φ′(x), and 1 and 0 for x ≥ GateTo, with absolute errors of 2e-7.
func (f *Forms32) gate(x float32) (cdf, pdf float32) {
	const invSqrt2Pi = 0.39894228
	a := min(float32(math.Abs(float64(x))), farGate)
	_, r, p, scale := reduced32(float32(a*a) * -0.5)
	e := fma32(scale, fma32(float32(r*r), p, r), scale)
	t := 1 / fma32(a, millsRate, 1)
	q := millsPoly[len(millsPoly)-1]
	for j := len(millsPoly) - 2; j >= 0; j-- {
		q = fma32(q, t, millsPoly[j])
	}
	cdf, pdf = float32(e*q), float32(e*invSqrt2Pi)
	if !(x < 0) {
		cdf = 1 - cdf
	}
	if !(x < f.GateTo) {
		return 1, 0
	}
	return cdf, pdf
}
