package explain

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
)

// Options are settings of [IntegratedGradients].
type Options struct {
	// Baseline is the input x′ of one example that stands for nothing to see; nil means
	// zeros, the mean of inputs that data.FitScaler has scaled. For images whose
	// background is another number, as black is after scaling, give that.
	Baseline []float32
	// Output are the indices of the numbers of the output that are explained, such as
	// classes, in row-major order if the output of an example has several axes: one for
	// each example, or one for all. nil means the greatest of each example's output at x,
	// the class that the network says.
	Output []int
	// Steps is the number of points of the path from the baseline to the input; 0 means
	// 64. The gap of completeness says whether they suffice.
	Steps int
	// Batch is the number of points that are computed at a time; 0 means 64.
	Batch int
}

// The defaults of Options, and what Steps and Batch may be at most.
const (
	defaultSteps = 64
	defaultBatch = 64
	maxSteps     = 1 << 20
)

// Attributions are shares of inputs in outputs, for some examples.
type Attributions struct {
	// XShape is the shape of an example.
	XShape []int
	// Values are the attributions, one example's after another's, as the inputs.
	Values []float64
	// Output is, for each example, the index of the number of the output that is explained.
	Output []int
	// At and AtBaseline are that number for each example, f(x), and at the baseline, f(x′).
	At, AtBaseline []float64
	// Steps is the number of points of each path.
	Steps int
}

// Len returns the number of examples.
func (a *Attributions) Len() int { return len(a.Output) }

// Example returns the attributions of example i, from 0, which share the memory of Values;
// nil if there is no such example.
func (a *Attributions) Example(i int) []float64 {
	if i < 0 || i >= a.Len() {
		return nil
	}
	n := data.Size(a.XShape)
	return a.Values[i*n : (i+1)*n : (i+1)*n]
}

// Pixels returns the attributions of the pixels of an image, the sums over its channels, row
// by row. It returns nil for an example that does not exist or is of another shape than
// (channels, height, width).
func (a *Attributions) Pixels(i int) []float64 {
	x := a.Example(i)
	if x == nil || len(a.XShape) != 3 {
		return nil
	}
	n := a.XShape[1] * a.XShape[2]
	sums := make([]float64, n)
	for k, v := range x {
		sums[k%n] += v
	}
	return sums
}

// Sum returns the sum of the attributions of example i, which completeness wants to be
// f(x) − f(x′).
func (a *Attributions) Sum(i int) float64 {
	sum := 0.
	for _, v := range a.Example(i) {
		sum += v
	}
	return sum
}

// Gap returns how far the attributions of example i are from complete: their sum less
// f(x) − f(x′). It is due to the number of steps and to rounding, and NaN for an example
// that does not exist.
func (a *Attributions) Gap(i int) float64 {
	if i < 0 || i >= a.Len() {
		return math.NaN()
	}
	return a.Sum(i) - (a.At[i] - a.AtBaseline[i])
}

// LargestGap returns the greatest |Gap| of all examples.
func (a *Attributions) LargestGap() float64 {
	most := 0.
	for i := range a.Output {
		most = max(most, math.Abs(a.Gap(i)))
	}
	return most
}

// MeanAbs returns, for each number of the input, the mean of the absolute attributions over
// the examples: how much the columns of a table matter.
func (a *Attributions) MeanAbs() []float64 {
	mean := make([]float64, data.Size(a.XShape))
	for i, v := range a.Values {
		mean[i%len(mean)] += math.Abs(v) / float64(a.Len())
	}
	return mean
}

// String returns a table with a line for each example.
func (a *Attributions) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "integrated gradients, %d steps\n%7s %6s %11s %11s %11s %10s\n", a.Steps, "example", "output", "f(x)", "f(baseline)", "sum", "gap")
	for i, k := range a.Output {
		fmt.Fprintf(&b, "%7d %6d %11.5g %11.5g %11.5g %10.2g\n", i, k, a.At[i], a.AtBaseline[i], a.Sum(i), a.Gap(i))
	}
	return b.String()
}

// IntegratedGradients returns what the inputs x of one or more examples, of the shape xshape
// each, contribute to an output f of a network, in comparison with a baseline x′
// (Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017):
//
//	attribution_i = (x_i − x′_i) · ∫₀¹ ∂f/∂x_i (x′ + α(x − x′)) dα
//
// in the unit of f: for the logits of a classifier, that of a logit. The integral is taken by
// the midpoint rule. The attributions of an example sum to f(x) − f(x′), which the paper
// calls completeness; [Attributions.Gap] says how nearly. The network is one that build made;
// it is copied, for evaluation.
func IntegratedGradients(build train.Builder, from models.Network, x []float32, xshape []int, opts Options) (*Attributions, error) {
	a, err := integrate(build, from, x, xshape, opts)
	if err != nil {
		return nil, fmt.Errorf("explain: IntegratedGradients: %w", err)
	}
	return a, nil
}

func integrate(build train.Builder, from models.Network, x []float32, xshape []int, opts Options) (a *Attributions, err error) {
	if err := checkNetwork(build, from); err != nil {
		return nil, err
	}
	if opts, err = opts.withDefaults(x, xshape); err != nil {
		return nil, err
	}
	d, err := newDifferentiator(build, from, opts.Batch, xshape)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	a = &Attributions{XShape: append([]int(nil), xshape...), Steps: opts.Steps}
	if err := a.evaluate(d, x, opts); err != nil {
		return nil, err
	}
	return a, a.integrate(d, x, opts)
}

// withDefaults returns the options with nothing left to choose but Output, or reports what
// is wrong with them or the inputs.
func (o Options) withDefaults(x []float32, xshape []int) (Options, error) {
	for _, d := range xshape {
		if d < 1 || d > maxSteps {
			return o, fmt.Errorf("xshape is %v, want positive dimensions, at most %d", xshape, maxSteps)
		}
	}
	nx := data.Size(xshape)
	if nx < 1 || len(x) == 0 || len(x)%nx != 0 {
		return o, fmt.Errorf("x has %d numbers, want those of one or more examples of shape %v", len(x), xshape)
	}
	if o.Baseline == nil {
		o.Baseline = make([]float32, nx)
	}
	if len(o.Baseline) != nx {
		return o, fmt.Errorf("Options.Baseline has %d numbers, want the %d of an example of shape %v", len(o.Baseline), nx, xshape)
	}
	if err := finite("x", x); err != nil {
		return o, err
	}
	if err := finite("Options.Baseline", o.Baseline); err != nil {
		return o, err
	}
	if n := len(x) / nx; o.Output != nil && len(o.Output) != 1 && len(o.Output) != n {
		return o, fmt.Errorf("Options.Output has %d indices, want 1 or one for each of the %d examples", len(o.Output), n)
	}
	if o.Steps < 0 || o.Steps > maxSteps {
		return o, fmt.Errorf("Options.Steps is %d, want 1 to %d, or 0 for %d", o.Steps, maxSteps, defaultSteps)
	}
	if o.Batch < 0 || o.Batch > maxSteps {
		return o, fmt.Errorf("Options.Batch is %d, want 1 to %d, or 0 for %d", o.Batch, maxSteps, defaultBatch)
	}
	if o.Steps == 0 {
		o.Steps = defaultSteps
	}
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	o.Batch = min(o.Batch, len(x)/nx*o.Steps)
	return o, nil
}

func finite(name string, x []float32) error {
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("%s[%d] is %v", name, i, v)
		}
	}
	return nil
}

// evaluate sets what is known from the outputs at the baseline and the inputs.
func (a *Attributions) evaluate(d *differentiator, x []float32, o Options) error {
	n := len(x) / d.nx
	for _, k := range o.Output {
		if k < 0 || k >= d.ny {
			return fmt.Errorf("Options.Output has index %d, want one in [0, %d) of the network's output", k, d.ny)
		}
	}
	var outputs []float64
	points := append(append([]float32(nil), o.Baseline...), x...)
	for len(points) > 0 {
		size := min(d.batch, len(points)/d.nx)
		for i, v := range points[:size*d.nx] {
			d.x.x[i] = float64(v)
		}
		chosen := make([]int, size)
		for i := range chosen {
			chosen[i] = none
		}
		out, _, err := d.run(chosen)
		if err != nil {
			return err
		}
		outputs = append(outputs, out[:size*d.ny]...)
		points = points[size*d.nx:]
	}
	for i := range n {
		out := outputs[(i+1)*d.ny : (i+2)*d.ny]
		k := greatest(out)
		switch {
		case len(o.Output) == 1:
			k = o.Output[0]
		case o.Output != nil:
			k = o.Output[i]
		}
		a.Output = append(a.Output, k)
		a.At = append(a.At, out[k])
		a.AtBaseline = append(a.AtBaseline, outputs[k])
	}
	return nil
}

// greatest returns the index of the first of the greatest numbers.
func greatest(x []float64) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// integrate sets Values, from points of all paths, one path after the other, in batches.
func (a *Attributions) integrate(d *differentiator, x []float32, o Options) error {
	sums := make([]float64, len(x)) // of gradients
	total := a.Len() * o.Steps
	for at := 0; at < total; at += d.batch {
		size := min(d.batch, total-at)
		chosen := make([]int, size)
		for k := range size {
			i, step := (at+k)/o.Steps, (at+k)%o.Steps
			alpha := (float64(step) + 0.5) / float64(o.Steps)
			for j, b := range o.Baseline {
				d.x.x[k*d.nx+j] = float64(b) + alpha*(float64(x[i*d.nx+j])-float64(b))
			}
			chosen[k] = a.Output[i]
		}
		_, dx, err := d.run(chosen)
		if err != nil {
			return err
		}
		for k := range size {
			sum := sums[(at+k)/o.Steps*d.nx:][:d.nx]
			for j, g := range dx[k*d.nx : (k+1)*d.nx] {
				sum[j] += g
			}
		}
	}
	a.Values = sums
	for i, g := range sums {
		if g-g != 0 {
			return fmt.Errorf("the gradient to number %d of example %d is %v", i%d.nx, i/d.nx, g)
		}
		a.Values[i] = (float64(x[i]) - float64(o.Baseline[i%d.nx])) * (g / float64(o.Steps))
	}
	return nil
}
