package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/parallel"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// trained is a function y(x; θ) of a number and a vector θ, which is learned, one for
// all elements of x. It is applied to each element of a tensor of any rank, by one op
// with gradients to x and to θ.
type trained struct {
	name   string    // that errors and Names use
	params []any     // what tells it from others of its name
	init   []float64 // θ at the start
	// at32 and at64 return the loops at θ, of as many numbers as init, for elements x.
	at32 func(theta, x []float32) loops[float32]
	at64 func(theta, x []float64) loops[float64]
}

// loops evaluate a function at one θ on slices of equal lengths. dst may be x or g.
// They are for several goroutines at once.
type loops[T values.Float] interface {
	// forward sets dst[i] = y(x[i]).
	forward(dst, x []T)
	// backwardX sets dst[i] = g[i]·∂y/∂x(x[i]).
	backwardX(dst, x, g []T)
	// backwardTheta adds Σ g[i]·∂y/∂θ(x[i]) to sums; those of a closer add other sums.
	backwardTheta(sums []float64, x, g []T)
}

// closer is implemented by loops that add sums of their own, from which close gets the
// gradient to θ when those of all elements are there.
type closer interface {
	// numSums is their number.
	numSums() int
	// close returns Σ g·∂y/∂θ, in the memory of sums or another.
	close(sums []float64) []float64
}

// trainedSlice is the length of slices, which processors share. It is fixed: sums have
// the same bits for any number of processors.
const trainedSlice = 1 << 12

// make returns the activation at a place.
func (f *trained) make(p Place) (Activation, error) {
	theta, err := newLearnable(p.Graph, p.Dtype, tensor.Shape{len(f.init)}, p.Name+".parameters", f.init)
	if err != nil {
		return nil, err
	}
	return &parametric{f.name, theta, f.op}, nil
}

// parametric is an activation at a place whose parameters are one tensor.
type parametric struct {
	name  string // that errors and Names use
	theta *gorgonia.Node
	op    func(dims int) *gop.Op // y(x; θ) for an x of a number of axes
}

// Apply implements Activation.
func (a *parametric) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkNode(x); err != nil {
		return nil, fmt.Errorf("models: %s: x %w", a.name, err)
	}
	if x.Dtype() != a.theta.Dtype() {
		return nil, fmt.Errorf("models: %s: x has dtype %v, the parameters %v", a.name, x.Dtype(), a.theta.Dtype())
	}
	return a.op(x.Dims()).Apply(x, a.theta)
}

// Learnables implements Activation.
func (a *parametric) Learnables() gorgonia.Nodes { return gorgonia.Nodes{a.theta} }

// String returns the function's name.
func (a *parametric) String() string { return a.name }

// op is y(x; θ) for an x of a number of axes.
func (f *trained) op(dims int) *gop.Op {
	op := f.kind("trained", "", dims, gop.Numbers(trainedForward(f, f.at32), trainedForward(f, f.at64)))
	dx := f.kind("trainedDx", " gradient", dims, gop.Numbers(trainedBackwardX(f, f.at32), trainedBackwardX(f, f.at64)))
	dtheta := f.kind("trainedDtheta", " gradient to the parameters", dims, gop.Numbers(trainedBackwardTheta(f, f.at32), trainedBackwardTheta(f, f.at64)))
	dx.In, dtheta.In = append(dx.In, dims), append(dtheta.In, dims)
	dtheta.Out, dtheta.Shape = 1, gop.Like(1)
	op.Grads = []gop.Gradient{{Op: dx}, {Op: dtheta}}
	return op
}

func (f *trained) kind(kind, suffix string, dims int, compute gop.Compute) *gop.Op {
	return &gop.Op{
		Kind: "models." + kind, Name: f.name + suffix, Params: append([]any{f.name}, f.params...),
		In: []int{dims, 1}, Out: dims, Shape: gop.Like(0), Compute: compute,
	}
}

func trainedForward[T values.Float](f *trained, at func(theta, x []T) loops[T]) func(gop.Call[T]) error {
	return keeping(1, func(c gop.Call[T]) error {
		x, theta := c.In[0], c.In[1]
		if err := f.check(len(theta), len(x), len(x)); err != nil {
			return err
		}
		l := at(theta, x)
		parallel.SlicesOf(len(x), trainedSlice).Each(func(_, from, to int) { l.forward(c.Out[from:to], x[from:to]) })
		return nil
	})
}

func trainedBackwardX[T values.Float](f *trained, at func(theta, x []T) loops[T]) func(gop.Call[T]) error {
	return keeping(1, func(c gop.Call[T]) error {
		x, theta, g := c.In[0], c.In[1], c.In[2]
		if err := f.check(len(theta), len(x), len(g)); err != nil {
			return err
		}
		l := at(theta, x)
		parallel.SlicesOf(len(x), trainedSlice).Each(func(_, from, to int) {
			l.backwardX(c.Out[from:to], x[from:to], g[from:to])
		})
		return nil
	})
}

func trainedBackwardTheta[T values.Float](f *trained, at func(theta, x []T) loops[T]) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		x, theta, g := c.In[0], c.In[1], c.In[2]
		if err := f.check(len(theta), len(x), len(g)); err != nil {
			return err
		}
		l := at(theta, x)
		n, finish := len(theta), func(sums []float64) []float64 { return sums }
		if cl, ok := l.(closer); ok {
			n, finish = cl.numSums(), cl.close
		}
		sums := sumSlices(n, x, g, parallel.SlicesOf(len(x), trainedSlice), 1, func(sums []float64, from, to int) {
			l.backwardTheta(sums, x[from:to], g[from:to])
		})
		storeSums(c.Out, finish(sums))
		return nil
	}
}

// sumSlices returns the n sums over slices that add computes, the first of them NaN if an
// element is lost: if its x is NaN or its g not finite. Each of what s cuts is that many
// elements.
func sumSlices[T values.Float](n int, x, g []T, s parallel.Slices, elements int, add func(sums []float64, from, to int)) []float64 {
	parts := make([]float64, s.Count()*n)
	s.Each(func(slice, from, to int) {
		sums := parts[slice*n : (slice+1)*n]
		add(sums, from, to)
		if anyLost(x[from*elements:to*elements], g[from*elements:to*elements]) {
			sums[0] = math.NaN()
		}
	})
	total := parts[:n]
	for slice := 1; slice < s.Count(); slice++ {
		for k, e := range parts[slice*n : (slice+1)*n] {
			total[k] += e
		}
	}
	return total
}

// storeSums sets dst to sums, all to NaN if one is.
func storeSums[T values.Float](dst []T, sums []float64) {
	lost := false
	for k, e := range sums {
		dst[k] = T(e)
		lost = lost || e != e
	}
	for k := 0; lost && k < len(dst); k++ {
		dst[k] = T(math.NaN())
	}
}

// anyLost reports whether an x is NaN or a g is not finite.
func anyLost[T values.Float](x, g []T) bool {
	var sum T // of zeros
	for i, v := range x {
		if v != v {
			return true
		}
		sum += 0 * g[i]
	}
	return sum != 0
}

// check reports numbers that values have and the graph did not promise.
func (f *trained) check(theta, x, g int) error {
	if theta != len(f.init) {
		return fmt.Errorf("%d parameters, want %d", theta, len(f.init))
	}
	if x != g {
		return fmt.Errorf("gradient of %d elements for x of %d", g, x)
	}
	return nil
}
