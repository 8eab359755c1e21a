package table

import (
	"math"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/internal/flow"
	"github.com/ditac-go/ditac/internal/kernel"
	"github.com/ditac-go/ditac/internal/shape"
)

const (
	// leastSlope is what slopes of the velocity field are at least, per unit of time: less
	// makes no difference to any digit, and the forms divide by slopes.
	leastSlope = 1e-30

	// The velocities that forms divide by have squares that are far from the limits of
	// float64; so have the numbers of domains.
	fastest, slowest = 0x1p300, 0x1p-300

	// maxFormBins bounds the number of bins per smooth interval.
	maxFormBins = 8
)

// Reset makes the forms of the curve after [Exact.Reset], in the memory that f has. No one
// else may use f meanwhile.
func (f *Forms) Reset() {
	e, c := f.exact, f.exact.Curve
	g := c.Grid
	f.someWalk = false
	f.walks = !kernel.FusesMultiplyAdd() || g.B-g.A < slowest || math.Max(-g.A, g.B) > fastest || math.Min(-g.A, g.B) < -fastest
	if f.walks {
		return
	}
	f.segments = e.Field.Segments(f.segments, 1)
	f.smooths = e.Smooths(f.smooths, f.segments)
	n := len(f.smooths)
	f.starts = slices.Grow(f.starts[:0], n)[:n]
	f.closings = slices.Grow(f.closings[:0], n)[:n]
	k := f.forms
	k.Forms = slices.Grow(k.Forms[:0], n+1)[:n+1]
	k.Ratios = slices.Grow(k.Ratios[:0], n+1)[:n+1]
	k.Forms[0], k.Ratios[0] = kernel.NoForm, 1
	for i := range f.smooths {
		s, part := &f.smooths[i], &f.closings[i]
		f.starts[i] = s.From
		if s.Open {
			f.starts[i] = math.Nextafter(s.From, math.Inf(1))
		}
		part.set(s, &k.Forms[i+1])
		k.Ratios[i+1] = part.ratio
		f.someWalk = f.someWalk || part.walks
	}
	f.walks = !f.setGate() || !f.setBins()
}

// setGate sets where the gate ends. It reports false where intervals without one are
// followed by some with it.
func (f *Forms) setGate() bool {
	f.forms.GateTo = math.Inf(1)
	gated := true
	for i := range f.smooths {
		switch s := &f.smooths[i]; {
		case s.Gated && !gated:
			return false
		case !s.Gated && gated:
			gated, f.forms.GateTo = false, f.starts[i]
		}
	}
	return true
}

// set sets the part, and the form, to those of a smooth interval.
func (p *formPart) set(s *shape.Smooth, form *kernel.Form) {
	gate := s.Slope
	if s.Gated {
		gate = 1 // the kernels have it
	}
	p.ratio, p.walks = 1, false
	if s.Seg == nil {
		*form = kernel.Form{7: gate}
		return
	}
	var ok bool
	p.SegmentLayout, ok = s.Seg.Layout()
	l := &p.SegmentLayout
	if !l.Crosses {
		amp, velocity := s.Alpha*gate, l.V0
		if p.ref = l.Vertex; math.Abs(l.V1) < math.Abs(l.V0) { // as startOf
			velocity, p.ref = l.V1, l.NextVertex
		}
		*form = kernel.Form{0: p.ref, 4: amp * (p.ref + velocity*l.Gain), 6: amp * l.Growth, 7: gate - amp}
	} else {
		first, amp := awayFrom(l.FirstSlope, leastSlope), s.Alpha*gate
		p.sigma, p.last = first/l.Exit, awayFrom(l.LastSlope, leastSlope)
		p.ref, p.ratio = startOf(l)
		*form = kernel.Form{p.ref, p.sigma, p.last / first, p.last * l.Time, amp * l.EntryAt, amp * l.Entry / p.last, 0, gate - amp}
		ok = ok && moderate(l.Exit) && moderate(l.Entry)
	}
	for _, number := range form {
		ok = ok && number-number == 0
	}
	p.walks = !ok
}

// startOf returns the vertex from which velocities of trajectories that cross are counted,
// and the velocity there over that at the exit: the exit itself, or the other vertex of
// the cell where velocities fall off that way, so that small ones keep their digits.
func startOf(l *flow.SegmentLayout) (ref, ratio float64) {
	at, ratio := l.Vertex, l.V0/l.Exit
	if l.EntryU == 1 { // leftward
		at, ratio = l.NextVertex, l.V1/l.Exit
	}
	if ratio < 0.5 {
		return at, ratio
	}
	return l.ExitAt, 1
}

// awayFrom returns a slope that is not nearer to 0 than the least.
func awayFrom(slope, least float64) float64 {
	if math.Abs(slope) < least {
		return math.Copysign(least, slope)
	}
	return slope
}

func moderate(velocity float64) bool {
	return math.Abs(velocity) > slowest && math.Abs(velocity) < fastest
}

// setBins chooses the bins: a power of two wide, and as wide as can be with no more than
// kernel.MaxKinks starts in each, but not too many. It reports a domain so far from 0 that
// their numbers would be rounded.
func (f *Forms) setBins() bool {
	g := f.exact.Curve.Grid
	inner := f.starts[1:]
	k := f.forms
	if len(inner) == 0 {
		k.Scale, k.First, k.Last = 1, 0, 0
		k.Bins = append(k.Bins[:0], kernel.FormBin{Kink: noKinks64, Form: 1})
		return true
	}
	lo, hi := math.Max(inner[0], 2*g.A-g.B), math.Min(inner[len(inner)-1], 2*g.B-g.A)
	width := math.Max(hi-lo, (g.B-g.A)*0x1p-10)
	narrowest := width / float64(maxFormBins*(len(inner)+1))
	for i := kernel.MaxKinks; i < len(inner); i++ {
		width = math.Min(width, inner[i]-inner[i-kernel.MaxKinks])
	}
	width = powerOfTwo(math.Max(width, narrowest))
	k.Scale, k.First = 1/width, math.Floor(lo/width)
	k.Last = math.Floor(hi/width) - k.First
	if math.Max(math.Abs(k.First), math.Abs(k.First+k.Last)) > 1<<50 {
		return false
	}
	k.Bins = slices.Grow(k.Bins[:0], int(k.Last)+1)[:int(k.Last)+1]
	at := 0 // the interval that the bin starts in
	for b := range k.Bins {
		start, end := math.Inf(-1), math.Inf(1)
		if b > 0 {
			start = (k.First + float64(b)) * width
		}
		if b < len(k.Bins)-1 {
			end = (k.First + float64(b+1)) * width
		}
		for at+1 < len(f.starts) && f.beginsBefore(f.starts[at+1], start, width) {
			at++
		}
		k.Bins[b] = f.bin(at, end)
	}
	return true
}

// beginsBefore reports whether all elements of the bin that begins at start are right of a
// start. Those of the bin at 0 may not be: the negative numbers so small that their place in
// bins underflows to −0.
func (f *Forms) beginsBefore(from, start, width float64) bool {
	return from < start || from == start && !(start == 0 && width > 1)
}

// bin returns the bin that begins in an interval, and ends at end.
func (f *Forms) bin(interval int, end float64) kernel.FormBin {
	bin := kernel.FormBin{Kink: noKinks64, Form: uint64(interval) + 1}
	for k, start := range f.starts[interval+1:] {
		switch {
		case !(start < end):
			return bin
		case k == kernel.MaxKinks:
			return kernel.FormBin{Kink: noKinks64} // hard: by search
		}
		bin.Kink[k] = start
	}
	return bin
}

var noKinks64 = [kernel.MaxKinks]float64{math.Inf(1), math.Inf(1), math.Inf(1)}

// formTotal holds the sums over a slice of the elements.
type formTotal struct {
	sums []kernel.FormSums
	dv   []float64 // gradient to the vertex velocities, and to a learned amplification
	flow []float64 // that of the flow, while sums are closed
}

var formTotals = sync.Pool{New: func() any { return new(formTotal) }}

// resize makes all sums 0.
func (t *formTotal) resize(forms, gradient int) {
	t.sums = slices.Grow(t.sums[:0], forms)[:forms]
	t.dv = slices.Grow(t.dv[:0], gradient)[:gradient]
	clear(t.sums)
	clear(t.dv)
}

// add adds the sums of v.
func (t *formTotal) add(v *formTotal) {
	for k := range t.sums {
		for j := range t.sums[k] {
			t.sums[k][j] += v.sums[k][j]
		}
	}
	for k := range t.dv {
		t.dv[k] += v.dv[k]
	}
}

// finite reports whether no element was lost and no sum has overflowed.
func (t *formTotal) finite() bool {
	sum := 0.0 // NaN if one of those that it is made of is not finite
	for k := range t.sums[1:] {
		sum += 0 * t.sums[k+1][0]
	}
	for _, d := range t.dv {
		sum += 0 * d
	}
	return sum == 0
}

// close adds Σ g·∂y/∂V, and Σ g·∂y/∂α of a learned amplification, of all sums to t.dv.
func (f *Forms) close(t *formTotal) {
	c := f.exact.Curve
	t.flow = slices.Grow(t.flow[:0], c.Grid.Cells+1)[:c.Grid.Cells+1]
	clear(t.flow)
	dv, displacement := t.flow, 0.0
	for k := range f.smooths {
		s, sums := &f.smooths[k], &t.sums[k+1]
		if s.Seg == nil || *sums == (kernel.FormSums{}) {
			continue
		}
		if !s.Gated && s.Slope != 1 {
			for j := range sums {
				sums[j] *= s.Slope
			}
		}
		of, moved := f.closings[k].close(sums, c.Grid.Width)
		s.Seg.AddSums(dv, of)
		displacement += moved
	}
	for j := range dv {
		t.dv[j] += f.exact.Alpha * dv[j]
	}
	if c.Amplification.Learned {
		t.dv[len(dv)] += displacement
	}
}

// close returns the sums of flow.Sums, and Σ ω·(φ − x), given those of the kernels; h is
// the width of a cell.
//
// With ℓ = v/Exit and s = FirstSlope, the integrals from x to ExitAt are
// ∫dy/v² = −(ℓ−1)/(ℓ·s·Exit) and ∫(y−ExitAt)/v² dy = ((ℓ−1)/ℓ − log ℓ)/s², of which those
// with the hats of the vertices are made; and the time left is w/LastSlope.
func (p *formPart) close(s *kernel.FormSums, h float64) (of flow.Sums, moved float64) {
	if !p.Crosses {
		if p.ref == p.Vertex {
			velocities := p.V0*s[0] + p.FirstSlope*s[1]
			right := s[1]/h*p.Total + velocities*p.PerV
			return flow.Sums{3: s[0]*p.Total - right, 4: right}, velocities * p.Gain
		}
		velocities := p.V1*s[0] + p.FirstSlope*s[1]
		left := -s[1]/h*p.Total - velocities*p.PerV
		return flow.Sums{3: left, 4: s[0]*p.Total - left}, velocities * p.Gain
	}
	slope := p.sigma * p.Exit
	whole := -s[5] / p.Exit * (p.Entry / slope)
	offset := -s[6] / slope * (p.Entry / slope) / h
	total := s[2] / p.last
	right := p.EntryU*total + s[3]/p.last*(p.Entry/p.last)/h
	of = flow.Sums{2: p.Entry * s[4], 3: total - right, 4: right}
	if p.EntryU == 0 { // rightward: left at the right vertex
		of[0], of[1] = -offset, whole+offset
	} else {
		of[0], of[1] = whole-offset, offset
	}
	return of, (p.EntryAt-p.ref)*s[0] - s[1] + p.Entry*total
}
