package models

import (
	"fmt"
	"hash"
	"math"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type opKind byte

const (
	forward       opKind = iota // y = f(x; p)
	backward                    // g·∂f/∂x, of x's shape
	backwardParam               // Σ g·∂f/∂p, of p's shape
)

// elementwise applies a function to each element of a tensor of any rank, or is
// one of the function's two gradients. The inputs are x; then the parameter p, a
// vector of one element, if it is trained; then the upstream gradient g unless
// kind is forward. The gradients are ops of their own because a Gorgonia op has
// one output.
type elementwise struct {
	fn      *function
	param   float64 // p unless trained
	trained bool
	kind    opKind
	dims    int // of x
}

var (
	_ gorgonia.SDOp            = (*elementwise)(nil)
	_ gorgonia.ADOp            = (*elementwise)(nil)
	_ gorgonia.UsePreallocDoer = (*elementwise)(nil)
)

// applyFunction returns the node of f(x; p): of the constant p or, if trained is
// not nil, of the vector of one element trained.
func applyFunction(f *function, x *gorgonia.Node, p float64, trained *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkNode(x); err != nil {
		return nil, fmt.Errorf("models: %s: x %w", f.name, err)
	}
	o := &elementwise{fn: f, param: p, trained: trained != nil, dims: x.Dims()}
	if !o.trained {
		return o.apply(x)
	}
	if x.Dtype() != trained.Dtype() {
		return nil, fmt.Errorf("models: %s: x has dtype %v, the parameter %v", f.name, x.Dtype(), trained.Dtype())
	}
	return o.apply(x, trained)
}

func (o *elementwise) apply(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	y, err := gorgonia.ApplyOp(o, in...)
	if err != nil {
		return nil, fmt.Errorf("models: %v: %w", o, err)
	}
	return y, nil
}

// Arity implements gorgonia.Op.
func (o *elementwise) Arity() int {
	n := 1
	if o.trained {
		n++
	}
	if o.kind != forward {
		n++
	}
	return n
}

// Type implements gorgonia.Op.
func (o *elementwise) Type() hm.Type {
	elem := hm.TypeVariable('a')
	x, p := tensorType(o.dims, elem), tensorType(1, elem)
	types := []hm.Type{x}
	if o.trained {
		types = append(types, p)
	}
	if o.kind != forward {
		types = append(types, x)
	}
	if o.kind == backwardParam {
		return hm.NewFnType(append(types, p)...)
	}
	return hm.NewFnType(append(types, x)...)
}

// InferShape implements gorgonia.Op.
func (o *elementwise) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	s, ok := in[o.like()].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("models: %v: shape of input %d is a %T", o, o.like(), in[o.like()])
	}
	return s.Clone(), nil
}

// like returns which input has the shape of the result.
func (o *elementwise) like() int {
	if o.kind == backwardParam {
		return 1
	}
	return 0
}

// Do implements gorgonia.Op.
func (o *elementwise) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	return o.UsePreallocDo(nil, in...)
}

// UsePreallocDo implements gorgonia.UsePreallocDoer: Do into given memory, which
// may be that of an input.
func (o *elementwise) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	out = result(out, in[0].Dtype(), in[o.like()].Shape())
	var err error
	if in[0].Dtype() == tensor.Float32 {
		err = runElementwise[float32](o, out, in)
	} else {
		err = runElementwise[float64](o, out, in)
	}
	if err != nil {
		return nil, fmt.Errorf("models: %v: %w", o, err)
	}
	return out, nil
}

func runElementwise[T values.Float](o *elementwise, out gorgonia.Value, in []gorgonia.Value) error {
	x, err := values.Elements[T](in[0])
	if err != nil {
		return err
	}
	p := o.param
	if o.trained {
		ps, err := values.Elements[T](in[1])
		if err != nil {
			return err
		}
		if len(ps) != 1 {
			return fmt.Errorf("parameter of shape %v, want one element", in[1].Shape())
		}
		p = float64(ps[0])
	}
	var g []T
	if o.kind != forward {
		if g, err = values.Elements[T](in[len(in)-1]); err != nil {
			return err
		}
		if len(g) != len(x) {
			return fmt.Errorf("gradient of shape %v for x of shape %v", in[len(in)-1].Shape(), in[0].Shape())
		}
	}
	dst, _ := values.Direct[T](out)
	switch o.kind {
	case forward:
		for i, e := range x {
			dst[i] = T(o.fn.value(float64(e), p))
		}
	case backward:
		for i, e := range x {
			dst[i] = g[i] * T(o.fn.dx(float64(e), p))
		}
	case backwardParam:
		sum := 0. // in float64 and in order, for the same result in every run
		for i, e := range x {
			sum += float64(g[i]) * o.fn.dp(float64(e), p)
		}
		dst[0] = T(sum)
	}
	return nil
}

// DiffWRT implements gorgonia.SDOp: only the forward op is differentiable.
func (o *elementwise) DiffWRT(inputs int) []bool {
	wrt := make([]bool, inputs)
	for i := range wrt {
		wrt[i] = o.kind == forward
	}
	return wrt
}

// gradients returns the op of the gradient to each input.
func (o *elementwise) gradients() ([]*elementwise, error) {
	if o.kind != forward {
		return nil, fmt.Errorf("models: %v: no second derivative", o)
	}
	dx, dp := *o, *o
	dx.kind, dp.kind = backward, backwardParam
	return []*elementwise{&dx, &dp}[:o.Arity()], nil
}

// SymDiff implements gorgonia.SDOp, for the TapeMachine.
func (o *elementwise) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	ops, err := o.gradients()
	if err != nil {
		return nil, err
	}
	out := make(gorgonia.Nodes, len(ops))
	for i, d := range ops {
		if out[i], err = d.apply(append(append(gorgonia.Nodes(nil), in...), grad)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DoDiff implements gorgonia.ADOp, for the LispMachine: it adds the gradients to
// those of the inputs.
func (o *elementwise) DoDiff(_ gorgonia.ExecutionContext, in gorgonia.Nodes, output *gorgonia.Node) error {
	ops, err := o.gradients()
	if err != nil {
		return err
	}
	g, err := output.Grad()
	if err != nil {
		return fmt.Errorf("models: %v: gradient of the result: %w", o, err)
	}
	args := make([]gorgonia.Value, 0, len(in)+1)
	for _, n := range in {
		args = append(args, n.Value())
	}
	args = append(args, g)
	for i, d := range ops {
		dv, err := d.Do(args...)
		if err != nil {
			return err
		}
		if err := values.AddGradient(in[i], dv); err != nil {
			return fmt.Errorf("models: %v: %w", d, err)
		}
	}
	return nil
}

// ReturnsPtr implements gorgonia.Op.
func (o *elementwise) ReturnsPtr() bool { return true }

// CallsExtern implements gorgonia.Op.
func (o *elementwise) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (o *elementwise) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op. Gorgonia merges nodes of equal hash and
// children, so everything that tells two ops apart goes in.
func (o *elementwise) WriteHash(h hash.Hash) {
	fmt.Fprintf(h, "models.elementwise %s %d %d %t %x", o.fn.name, o.kind, o.dims, o.trained, math.Float64bits(o.param))
}

// Hashcode implements gorgonia.Op.
func (o *elementwise) Hashcode() uint32 { return hashOf(o) }

// String implements fmt.Stringer.
func (o *elementwise) String() string {
	return o.fn.name + [...]string{"", " gradient", " gradient to the parameter"}[o.kind]
}
