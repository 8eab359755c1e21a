package ditacop

import (
	"fmt"
	"hash"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/table"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
)

type opKind byte

const (
	forward       opKind = iota // y(x, θ)
	backwardX                   // g·∂y/∂x (x, θ, g), of x's shape
	backwardTheta               // Σ g·∂y/∂θ (x, θ, g), of θ's shape
)

// op returns the forward pass of the activation, or one of its two gradients, for x
// of a rank.
func (a *Activation) op(kind opKind, dims int) *gop.Op {
	o := &gop.Op{
		Kind:    "ditacop." + [...]string{"forward", "backwardX", "backwardTheta"}[kind],
		Name:    a.name + [...]string{"", " gradient to x", " gradient to θ"}[kind],
		Params:  []any{a.writeHash},
		Dtype:   a.dt,
		In:      []int{dims, len(a.thetaShape())},
		Out:     dims,
		Shape:   gop.Like(0),
		Compute: gop.Numbers(compute[float32](a, kind), compute[float64](a, kind)),
		Device:  a.device(kind),
		Owner:   a,
	}
	switch kind {
	case forward:
		o.Grads = []gop.Gradient{{Op: a.op(backwardX, dims)}, {Op: a.op(backwardTheta, dims)}}
	case backwardX:
		o.In = append(o.In, dims)
	case backwardTheta:
		o.In, o.Out, o.Shape = append(o.In, dims), o.In[1], gop.Like(1)
	}
	return o
}

func compute[T values.Float](a *Activation, kind opKind) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		x := c.In[0]
		l, err := newLayout(c.Values[0].Shape(), a.axis, a.groups)
		if err != nil {
			return err
		}
		if err := checkGradient(kind, c.Values); err != nil {
			return err
		}
		e, evs, err := a.acquire(c.Values[1], len(x)/a.groups)
		if err != nil {
			return err
		}
		defer a.release(e)
		if kind == backwardTheta {
			copy(c.Out, gradTheta(evs, l, x, c.In[2]))
			return nil
		}
		var g []T
		if kind == backwardX {
			g = c.In[2]
		}
		l.eachGroup(func(group int) {
			eachRun(l, group, c.Out, x, g, func(dst, x, g []T) {
				if kind == forward {
					evaluate(evs[group], dst, x)
				} else {
					differentiate(evs[group], dst, x, g)
				}
			})
		})
		return nil
	}
}

// checkGradient reports an upstream gradient that has not as many numbers as x.
func checkGradient(kind opKind, in []gorgonia.Value) error {
	if kind == forward {
		return nil
	}
	if x, g := in[0].Shape(), in[2].Shape(); g.TotalSize() != x.TotalSize() {
		return fmt.Errorf("gradient of shape %v, but x has shape %v", g, x)
	}
	return nil
}

func evaluate[T values.Float](e table.Evaluator, dst, x []T) {
	switch x := any(x).(type) {
	case []float32:
		e.Forward32(any(dst).([]float32), x)
	case []float64:
		e.Forward64(any(dst).([]float64), x)
	}
}

func differentiate[T values.Float](e table.Evaluator, dst, x, g []T) {
	switch x := any(x).(type) {
	case []float32:
		e.BackwardX32(any(dst).([]float32), x, any(g).([]float32))
	case []float64:
		e.BackwardX64(any(dst).([]float64), x, any(g).([]float64))
	}
}

// gradTheta returns Σ g·∂y/∂θ for each group, one after the other.
func gradTheta[T values.Float](evs []table.Evaluator, l layout, x, g []T) []T {
	d := evs[0].Dim()
	sum := make([]float64, len(evs)*d)
	l.eachGroup(func(group int) {
		dtheta := sum[group*d : (group+1)*d]
		switch x := any(elementsOf(l, group, x)).(type) {
		case []float32:
			evs[group].BackwardTheta32(dtheta, x, any(elementsOf(l, group, g)).([]float32))
		case []float64:
			evs[group].BackwardTheta64(dtheta, x, any(elementsOf(l, group, g)).([]float64))
		}
	})
	return values.Convert[T](sum)
}

// elementsOf returns the elements of a group: a part of x, or a copy where they do not
// lie side by side. The gradient of θ costs something once per call.
func elementsOf[T values.Float](l layout, group int, x []T) []T {
	from, to := l.run(group, 0)
	if l.outer == 1 {
		return x[from:to]
	}
	length := to - from
	all := make([]T, l.outer*length)
	if len(all) == 0 {
		return all
	}
	copyRuns(all, x[from:], length, l.groups*length)
	return all
}

// writeHash writes all that gives θ its meaning.
func (s *spec) writeHash(h hash.Hash) {
	space := s.curve.Space()
	lo, hi := space.Domain()
	fmt.Fprintf(h, " %v %v %d %x %x %v %v %d %d", s.dt, s.curve.Variant(), space.Cells(),
		math.Float64bits(lo), math.Float64bits(hi), space.Boundary(), space.Basis(), s.axis, s.groups)
	alpha, learned := s.curve.Amplification()
	fmt.Fprintf(h, " %x %x %x %v", math.Float64bits(s.curve.NegativeSlope()), math.Float64bits(s.tol), math.Float64bits(alpha), learned)
	if space.Basis() == cpab.BasisCustom {
		for _, b := range space.BasisMatrix() {
			fmt.Fprintf(h, " %x", math.Float64bits(b))
		}
	}
}
