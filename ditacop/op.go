package ditacop

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/table"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type opKind byte

const (
	forward       opKind = iota // y(x, θ)
	backwardX                   // g·∂y/∂x (x, θ, g), of x's shape
	backwardTheta               // Σ g·∂y/∂θ (x, θ, g), of θ's shape
)

// op is the forward pass of an activation or one of its two gradients. The
// gradients are ops of their own because a Gorgonia op has one output.
type op struct {
	act  *Activation
	kind opKind
	dims int // of x
}

var (
	_ gorgonia.SDOp            = (*op)(nil)
	_ gorgonia.ADOp            = (*op)(nil)
	_ gorgonia.UsePreallocDoer = (*op)(nil)
)

// Arity implements gorgonia.Op.
func (o *op) Arity() int {
	if o.kind == forward {
		return 2
	}
	return 3
}

// Type implements gorgonia.Op: x → θ → x, and x → θ → x → x or θ for the
// gradients.
func (o *op) Type() hm.Type {
	elem := hm.TypeVariable('a')
	var x hm.Type = elem
	if o.dims > 0 {
		x = gorgonia.TensorType{Dims: o.dims, Of: elem}
	}
	theta := gorgonia.TensorType{Dims: len(o.act.thetaShape()), Of: elem}
	switch o.kind {
	case backwardX:
		return hm.NewFnType(x, theta, x, x)
	case backwardTheta:
		return hm.NewFnType(x, theta, x, theta)
	}
	return hm.NewFnType(x, theta, x)
}

// InferShape implements gorgonia.Op.
func (o *op) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	which := 0
	if o.kind == backwardTheta {
		which = 1
	}
	s, ok := in[which].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("ditacop: %v: shape of input %d is a %T", o, which, in[which])
	}
	return s.Clone(), nil
}

// Do implements gorgonia.Op.
func (o *op) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := o.checkInputs(in); err != nil {
		return nil, err
	}
	out := values.New(o.act.dt, o.outShape(in))
	return out, o.run(out, in)
}

// UsePreallocDo implements gorgonia.UsePreallocDoer: Do into given memory.
func (o *op) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := o.checkInputs(in); err != nil {
		return nil, err
	}
	if !out.Shape().Eq(o.outShape(in)) || out.Dtype() != o.act.dt {
		return nil, fmt.Errorf("ditacop: %v: preallocated %v of shape %v, want %v of shape %v", o, out.Dtype(), out.Shape(), o.act.dt, o.outShape(in))
	}
	return out, o.run(out, in)
}

func (o *op) outShape(in []gorgonia.Value) tensor.Shape {
	if o.kind == backwardTheta {
		return in[1].Shape()
	}
	return in[0].Shape()
}

func (o *op) checkInputs(in []gorgonia.Value) error {
	if len(in) != o.Arity() {
		return fmt.Errorf("ditacop: %v: %d inputs, want %d", o, len(in), o.Arity())
	}
	for i, v := range in {
		if v == nil {
			return fmt.Errorf("ditacop: %v: input %d has no value", o, i)
		}
		if v.Dtype() != o.act.dt {
			return fmt.Errorf("ditacop: %v: input %d has dtype %v, want %v", o, i, v.Dtype(), o.act.dt)
		}
	}
	return nil
}

// run computes the op's result into out.
func (o *op) run(out gorgonia.Value, in []gorgonia.Value) error {
	if o.act.dt == tensor.Float32 {
		return run[float32](o, out, in)
	}
	return run[float64](o, out, in)
}

func run[T values.Float](o *op, out gorgonia.Value, in []gorgonia.Value) error {
	fail := func(err error) error { return fmt.Errorf("ditacop: %v: %w", o, err) }
	x, err := values.Elements[T](in[0])
	if err != nil {
		return fail(err)
	}
	l, err := newLayout(in[0].Shape(), o.act.axis, o.act.groups)
	if err != nil {
		return fail(err)
	}
	e, evs, err := o.act.acquire(in[1], len(x)/o.act.groups)
	if err != nil {
		return fail(err)
	}
	defer o.act.release(e)
	var g []T
	if o.kind != forward {
		if g, err = values.Elements[T](in[2]); err != nil {
			return fail(err)
		}
		if len(g) != len(x) {
			return fail(fmt.Errorf("gradient of shape %v, but x has shape %v", in[2].Shape(), in[0].Shape()))
		}
	}
	if o.kind == backwardTheta {
		return values.Store(out, gradTheta(evs, l, x, g))
	}
	dst, direct := values.Direct[T](out)
	if !direct {
		dst = make([]T, len(x))
	}
	l.eachGroup(func(group int) {
		for k := range l.outer {
			from, to := l.run(group, k)
			if o.kind == forward {
				evaluate(evs[group], dst[from:to], x[from:to])
			} else {
				differentiate(evs[group], dst[from:to], x[from:to], g[from:to])
			}
		}
	})
	if !direct {
		return values.Store(out, dst)
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
	if l.outer == 1 {
		from, to := l.run(group, 0)
		return x[from:to]
	}
	var all []T
	for k := range l.outer {
		from, to := l.run(group, k)
		if all == nil {
			all = make([]T, 0, l.outer*(to-from))
		}
		all = append(all, x[from:to]...)
	}
	return all
}

// DiffWRT implements gorgonia.SDOp: the forward op is differentiable with
// respect to x and θ, its gradients are not (there is no second derivative).
func (o *op) DiffWRT(inputs int) []bool {
	wrt := make([]bool, inputs)
	if o.kind == forward {
		for i := range wrt {
			wrt[i] = true
		}
	}
	return wrt
}

// SymDiff implements gorgonia.SDOp, for the TapeMachine.
func (o *op) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.kind != forward {
		return nil, fmt.Errorf("ditacop: %v: no second derivative", o)
	}
	out := make(gorgonia.Nodes, 2)
	for i, kind := range []opKind{backwardX, backwardTheta} {
		var err error
		if out[i], err = gorgonia.ApplyOp(&op{act: o.act, kind: kind, dims: o.dims}, in[0], in[1], grad); err != nil {
			return nil, fmt.Errorf("ditacop: %v: %w", o, err)
		}
	}
	return out, nil
}

// DoDiff implements gorgonia.ADOp, for the LispMachine: it adds the gradients to
// those of the inputs.
func (o *op) DoDiff(_ gorgonia.ExecutionContext, in gorgonia.Nodes, output *gorgonia.Node) error {
	if o.kind != forward {
		return fmt.Errorf("ditacop: %v: no second derivative", o)
	}
	g, err := output.Grad()
	if err != nil {
		return fmt.Errorf("ditacop: %v: gradient of the result: %w", o, err)
	}
	for i, kind := range []opKind{backwardX, backwardTheta} {
		d, err := (&op{act: o.act, kind: kind, dims: o.dims}).Do(in[0].Value(), in[1].Value(), g)
		if err == nil {
			err = values.AddGradient(in[i], d)
		}
		if err != nil {
			return fmt.Errorf("ditacop: %v: %w", o, err)
		}
	}
	return nil
}

// ReturnsPtr implements gorgonia.Op.
func (o *op) ReturnsPtr() bool { return true }

// OverwritesInput implements gorgonia.Op.
func (o *op) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op. Gorgonia merges nodes of equal hash and
// children, so everything that tells two ops apart goes in.
func (o *op) WriteHash(h hash.Hash) {
	fmt.Fprintf(h, "ditacop %d %d", o.kind, o.dims)
	o.act.writeHash(h)
}

// writeHash writes all that gives θ its meaning.
func (s *spec) writeHash(h hash.Hash) {
	space := s.curve.Space()
	lo, hi := space.Domain()
	fmt.Fprintf(h, " %v %v %d %x %x %v %v %d %d", s.dt, s.curve.Variant(), space.Cells(),
		math.Float64bits(lo), math.Float64bits(hi), space.Boundary(), space.Basis(), s.axis, s.groups)
	fmt.Fprintf(h, " %x", math.Float64bits(s.curve.NegativeSlope()))
	if space.Basis() == cpab.BasisCustom {
		for _, b := range space.BasisMatrix() {
			fmt.Fprintf(h, " %x", math.Float64bits(b))
		}
	}
}

// Hashcode implements gorgonia.Op.
func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// String implements fmt.Stringer.
func (o *op) String() string {
	return o.act.name + [...]string{"", " gradient to x", " gradient to θ"}[o.kind]
}
