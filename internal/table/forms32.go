package table

import (
	"math"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/shape"
)

// Forms32 is a curve at one θ for float32 tensors of too few elements to pay for a [Table]:
// [Forms] in float32 arithmetic, within a tolerance as a table is. Elements of smooth
// intervals where that would lose too many digits are left to Forms, and so are all where
// there are no kernels. It does not change but by Reset.
type Forms32 struct {
	Forms
	tolerance float64
	forms32   kernel.Forms32
	parts     []form32Part // beside the smooth intervals
	none      bool         // the whole curve is left to Forms
}

// form32Part is what turns the sums of a form into those of Forms.
type form32Part struct {
	shift       float64 // Ref, less that of Forms
	first, last float64 // FirstSlope and LastSlope of Forms, over those of the form, which are not as near to 0
	ratio       float64 // ℓ of Forms where that of the form is 1, ρ
	way, bend   float64 // (ρ−1)/ρ and log ρ − (ρ−1)/ρ
}

const (
	// leastSlope32 is leastSlope for float32: squares of what is made of it do not underflow,
	// and it moves φ by less than a ten-millionth of a cell.
	leastSlope32 = 1e-7

	// Domains that are narrower, wider or farther from 0 are left to Forms.
	least32, most32 = 0x1p-40, 0x1p40

	// Forms of elements that are farther from their start, in cells, lose digits, and so does
	// the gate times what has a larger slope.
	near32, steepest32 = 64, 16

	// The logarithm and the exponential of a form are off by some units of 2⁻²⁴ per unit of
	// their arguments. This many, and a share of the tolerance for it, the other half being
	// for what else is rounded.
	unitsOff, shareOff = 3 * 0x1p-24, 0.5
)

// NewForms32 returns the forms of e with a tolerance such as [DefaultTolerance].
func NewForms32(e *Exact, tolerance float64) *Forms32 {
	f := &Forms32{Forms: Forms{exact: e, forms: kernel.NewForms()}, tolerance: tolerance}
	f.Reset()
	return f
}

// Reset is that of [Forms].
func (f *Forms32) Reset() {
	f.Forms.Reset()
	if f.none = f.walks || !kernel.HasForms() || !f.fits32(); !f.none {
		f.set32()
	}
}

// fits32 reports whether the domain, and the numbers of its bins, are numbers for float32.
func (f *Forms32) fits32() bool {
	g, k := f.exact.Curve.Grid, f.forms
	far := math.Max(math.Abs(g.A), math.Abs(g.B))
	const exact = 1 << 24
	return g.B-g.A > least32 && far < most32 && far <= farOff*(g.B-g.A) && math.Abs(k.First) < exact && math.Abs(k.First+k.Last) < exact
}

// set32 sets the bins and forms of float32 numbers to those of Forms.
func (f *Forms32) set32() {
	k, from, n := &f.forms32, f.forms, len(f.smooths)
	k.Scale, k.First, k.Last, k.GateTo = float32(from.Scale), float32(from.First), float32(from.Last), atLeast32(from.GateTo)
	k.Bins = slices.Grow(k.Bins[:0], len(from.Bins))[:len(from.Bins)]
	for i := range k.Bins {
		b := &from.Bins[i]
		k.Bins[i] = kernel.Bin{Kink: [kernel.MaxKinks]float32{atLeast32(b.Kink[0]), atLeast32(b.Kink[1]), atLeast32(b.Kink[2])}, Piece: uint32(b.Form)}
	}
	k.Forms = slices.Grow(k.Forms[:0], n+1)[:n+1]
	f.parts = slices.Grow(f.parts[:0], n)[:n]
	k.Forms[0] = kernel.NoForm32
	g := f.exact.Curve.Grid
	tol := f.tolerance * (g.B - g.A)
	for i := range f.smooths {
		if !f.parts[i].set(&f.smooths[i], &f.closings[i], &from.Forms[i+1], &k.Forms[i+1], g, tol) {
			k.Forms[i+1] = kernel.NoForm32
		}
	}
}

// atLeast32 returns the least float32 that is not less than x.
func atLeast32(x float64) float32 {
	f := float32(x)
	if float64(f) < x {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

// set sets the part, and the form, to those of a smooth interval, given its form in float64,
// the grid and the tolerance of y. It reports false if float32 loses too many
// digits.
func (p *form32Part) set(s *shape.Smooth, of *formPart, from *kernel.Form, form *kernel.Form32, g *flow.Grid, tol float64) bool {
	if of.walks {
		return false
	}
	ref := float32(of.ref)
	if of.ratio != 1 { // the end of the interval where velocities are small
		if ref = atLeast32(s.From); of.ref == of.NextVertex {
			ref = float32(s.To)
		}
	}
	a, mu := from[4], from[7]
	*p = form32Part{shift: float64(ref) - of.ref, first: 1, last: 1, ratio: 1}
	a += mu * float64(ref)
	if s.Seg == nil || !of.Crosses {
		slope := from[6] + mu
		*form = kernel.Form32{0: ref, 4: float32(a + from[6]*p.shift), 6: float32(slope)}
		return math.Abs(slope) < steepest32 && isFinite32(form)
	}
	first, last := awayFrom(of.FirstSlope, leastSlope32), awayFrom(of.LastSlope, leastSlope32)
	sigma := first / of.Exit
	p.first, p.last = of.sigma/sigma, of.last/last
	p.ratio = of.ratio + sigma*p.shift
	eta := p.ratio - 1
	p.way = eta / p.ratio
	log := eta * (1 - eta/2) // of a rounding error
	if of.ratio != 1 {
		log = math.Log(p.ratio)
		p.bend = log - p.way
	}
	sigma /= p.ratio
	power, w, speed := last/first, last*(of.Time+log/first), from[5]*of.last // α·gate·Entry
	b := speed / last
	*form = kernel.Form32{ref, float32(sigma), float32(power), float32(w), float32(a), float32(b), float32(mu), float32(b * power * sigma)}

	// The error of w: φ′ has it as a share, φ times the velocity where it ends, at most that
	// at the ends of the cell, over its slope, and ∂φ/∂V as that of a time; and as that of
	// (ℓ−1)/ℓ where it is counted from the exit.
	off, h := unitsOff*math.Abs(w), g.Width
	if of.EntryU == 1 { // leftward
		h = -h
	}
	alpha := math.Abs(speed / of.Entry)
	other := math.Abs(1 + last*h/of.Entry)
	fastest := math.Abs(speed) * math.Max(1, other)
	if end := of.EntryAt + h; other > 1e-9 && (end < g.A+g.Width/2 || end > g.B-g.Width/2) {
		return false // φ goes on beyond the domain
	}
	return (off+2*unitsOff)*math.Max(1, alpha) < shareOff*tol && off*math.Max(alpha, fastest) < shareOff*tol*math.Abs(last) &&
		(of.ratio == 1 || unitsOff*fastest < shareOff*tol*p.ratio*math.Abs(first*of.Exit)) && s.From > of.ref-near32*math.Abs(h) && s.To < of.ref+near32*math.Abs(h) && isFinite32(form)
}

// isFinite32 reports whether all numbers of the form are finite.
func isFinite32(form *kernel.Form32) bool {
	sum := float32(0)
	for _, v := range form {
		sum += 0 * v
	}
	return sum == 0
}

// Forward32 implements Evaluator.
func (f *Forms32) Forward32(dst, x []float32) {
	if f.none {
		f.Forms.Forward32(dst, x)
		return
	}
	s := parallel.SlicesOf(len(x), formSlice)
	if s.Count() == 1 {
		f.forward(dst, x)
		return
	}
	s.Each(func(_, from, to int) { f.forward(dst[from:to], x[from:to]) })
}

func (f *Forms32) forward(dst, x []float32) {
	r := newRest(func(r *rest) {
		formsForwardSlice(&f.Forms, r.y[:r.n], r.x[:r.n])
		r.scatter(dst)
	})
	blocks(dst, x, nil, func(at int, dst, x, _ []float32) {
		if f.forms32.Forward(dst, x, &r.odd) {
			r.add(at, x, x)
		}
	})
	r.done()
}

// BackwardX32 implements Evaluator.
func (f *Forms32) BackwardX32(dst, x, g []float32) {
	if f.none {
		f.Forms.BackwardX32(dst, x, g)
		return
	}
	s := parallel.SlicesOf(len(x), formSlice)
	if s.Count() == 1 {
		f.backwardX(dst, x, g)
		return
	}
	s.Each(func(_, from, to int) { f.backwardX(dst[from:to], x[from:to], g[from:to]) })
}

func (f *Forms32) backwardX(dst, x, g []float32) {
	r := newRest(func(r *rest) {
		formsBackwardXSlice(&f.Forms, r.y[:r.n], r.x[:r.n], r.g[:r.n])
		r.scatter(dst)
	})
	blocks(dst, x, g, func(at int, dst, x, g []float32) {
		if f.forms32.BackwardX(dst, x, g, &r.odd) {
			r.add(at, x, g)
		}
	})
	r.done()
}

// BackwardTheta32 implements Evaluator.
func (f *Forms32) BackwardTheta32(dtheta []float64, x, g []float32) {
	if f.none {
		f.Forms.BackwardTheta32(dtheta, x, g)
		return
	}
	s := parallel.SlicesOf(len(x), formSlice)
	var few [1]*formTotal
	totals := few[:]
	if s.Count() > 1 {
		totals = make([]*formTotal, s.Count())
	}
	for k := range totals {
		totals[k] = f.newTotal()
	}
	if s.Count() == 1 {
		f.sum(totals[0], x, g)
	} else {
		s.Each(func(slice, from, to int) { f.sum(totals[slice], x[from:to], g[from:to]) })
	}
	total := totals[0]
	for _, t := range totals[1:] {
		total.add(t)
		formTotals.Put(t)
	}
	if !formsPullBack(&f.Forms, dtheta, total, x, g) { // sums are beyond float32
		f.Forms.BackwardTheta32(dtheta, x, g)
	}
}

// form32Block is the number of elements whose sums are made in float32 before they join the
// float64 sums: see momentBlock.
const form32Block = 1 << 12

// sum adds the sums of a slice of the elements.
func (f *Forms32) sum(total *formTotal, x, g []float32) {
	w := form32Sums.Get().(*[]kernel.FormSums32)
	*w = slices.Grow((*w)[:0], len(f.forms32.Forms))[:len(f.forms32.Forms)]
	sums := *w
	r := newRest(func(r *rest) { formsSum(&f.Forms, total, r.x[:r.n], r.g[:r.n]) })
	for from := 0; from < len(x); from += form32Block {
		to := min(from+form32Block, len(x))
		clear(sums)
		for at := from; at < to; at += blockLen {
			end := min(at+blockLen, to)
			if f.forms32.Sums(sums, x[at:end], g[at:end], &r.odd) {
				r.add(at, x[at:end], g[at:end])
			}
		}
		for k := range f.parts {
			if s, form := &sums[k+1], &f.forms32.Forms[k+1]; form[0] == form[0] && *s != (kernel.FormSums32{}) {
				f.parts[k].add(&total.sums[k+1], s)
			}
		}
	}
	r.done()
	form32Sums.Put(w)
}

var form32Sums = sync.Pool{New: func() any { return new([]kernel.FormSums32) }}

// add adds the sums of a form to those of Forms, where ℓ is ρ times as large: with λ = (ℓ−1)/ℓ,
//
//	(ρℓ−1)/(ρℓ) = (ρ−1)/ρ + λ/ρ,  log ρℓ − (ρℓ−1)/(ρℓ) = (log ρ − (ρ−1)/ρ) + (log ℓ − λ) + λ·(ρ−1)/ρ.
//
// Slopes that are nearer to 0 there have sums that are smaller by as much, or its square.
func (p *form32Part) add(to *kernel.FormSums, s *kernel.FormSums32) {
	omega, grown, way := float64(s[0]), float64(s[4]), float64(s[5])
	to[0] += omega
	to[1] += float64(s[1]) + p.shift*omega
	to[2] += p.last * float64(s[2])
	to[3] += p.last * p.last * float64(s[3])
	to[4] += grown
	to[5] += p.first * (p.way*grown + way/p.ratio)
	to[6] += p.first * p.first * (p.bend*grown + float64(s[6]) + way*p.way)
}
