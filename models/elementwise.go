package models

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"

	"github.com/chewxy/hm"
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

func applyElementwise(o *elementwise, in ...*gorgonia.Node) (*gorgonia.Node, error) {
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

func tensorType(dims int, elem hm.Type) hm.Type {
	if dims == 0 {
		return elem
	}
	return gorgonia.TensorType{Dims: dims, Of: elem}
}

// InferShape implements gorgonia.Op.
func (o *elementwise) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	s, ok := in[o.like()].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("shape of input %d is a %T", o.like(), in[o.like()])
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
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	return o.run(newValue(in[0].Dtype(), in[o.like()].Shape()), in)
}

// UsePreallocDo implements gorgonia.UsePreallocDoer: Do into given memory, which
// may be that of an input.
func (o *elementwise) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	if !canHold(out, in[0].Dtype(), in[o.like()].Shape()) {
		return o.Do(in...)
	}
	return o.run(out, in)
}

func (o *elementwise) run(out gorgonia.Value, in []gorgonia.Value) (gorgonia.Value, error) {
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

func runElementwise[T float](o *elementwise, out gorgonia.Value, in []gorgonia.Value) error {
	x, err := elements[T](in[0])
	if err != nil {
		return err
	}
	p := o.param
	if o.trained {
		ps, err := elements[T](in[1])
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
		if g, err = elements[T](in[len(in)-1]); err != nil {
			return err
		}
		if len(g) != len(x) {
			return fmt.Errorf("gradient of shape %v for x of shape %v", in[len(in)-1].Shape(), in[0].Shape())
		}
	}
	if o.kind == backwardParam {
		sum := 0. // in float64 and in order, for the same result in every run
		for i, e := range x {
			sum += float64(g[i]) * o.fn.dp(float64(e), p)
		}
		return store(out, []T{T(sum)})
	}
	dst, direct := plain[T](out)
	if !direct { // a scalar
		dst = make([]T, 1)
	}
	if o.kind == forward {
		for i, e := range x {
			dst[i] = T(o.fn.value(float64(e), p))
		}
	} else {
		for i, e := range x {
			dst[i] = g[i] * T(o.fn.dx(float64(e), p))
		}
	}
	if direct {
		return nil
	}
	return store(out, dst)
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
		if out[i], err = applyElementwise(d, append(append(gorgonia.Nodes(nil), in...), grad)...); err != nil {
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
	for i, d := range ops {
		if err := addGradient(d, in[i], append(args, g)...); err != nil {
			return fmt.Errorf("models: %v: %w", o, err)
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

// What follows is shared by the package's ops.

func hashOf(o gorgonia.Op) uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// checkInputs reports a wrong number of inputs, missing values and mixed dtypes.
func checkInputs(o gorgonia.Op, in []gorgonia.Value) error {
	if len(in) != o.Arity() {
		return fmt.Errorf("models: %v: %d inputs, want %d", o, len(in), o.Arity())
	}
	for i, v := range in {
		if v == nil {
			return fmt.Errorf("models: %v: input %d has no value", o, i)
		}
		if dt := v.Dtype(); dt != in[0].Dtype() || (dt != tensor.Float32 && dt != tensor.Float64) {
			return fmt.Errorf("models: %v: input %d has dtype %v, want float32 or float64 and the same for all", o, i, dt)
		}
	}
	return nil
}

// canHold reports whether a result of the dtype and shape can be written to v.
func canHold(v gorgonia.Value, dt tensor.Dtype, shape tensor.Shape) bool {
	if v.Dtype() != dt || !v.Shape().Eq(shape) {
		return false
	}
	t, dense := v.(*tensor.Dense)
	return !dense || !(shape.IsScalar() || t.DataOrder().IsColMajor() || t.RequiresIterator())
}

// addGradient adds the result of the gradient op o to the gradient of node n.
func addGradient(o gorgonia.Op, n *gorgonia.Node, in ...gorgonia.Value) error {
	sum, err := n.Grad()
	if err != nil || sum == nil {
		return err // nil: a constant, which has no gradient
	}
	d, err := o.Do(in...)
	if err != nil {
		return err
	}
	if d.Dtype() == tensor.Float32 {
		return addTo[float32](sum, d)
	}
	return addTo[float64](sum, d)
}

func addTo[T float](sum, d gorgonia.Value) error {
	x, err := elements[T](d)
	if err != nil {
		return err
	}
	return accumulate(sum, x)
}

// store copies x to a value of newValue's kinds.
func store[T float](v gorgonia.Value, x []T) error {
	switch s := v.(type) {
	case *gorgonia.F32:
		*s = gorgonia.F32(x[0])
		return nil
	case *gorgonia.F64:
		*s = gorgonia.F64(x[0])
		return nil
	}
	dst, ok := plain[T](v)
	if !ok || len(dst) != len(x) {
		return fmt.Errorf("cannot store %d elements in a %T of shape %v", len(x), v, v.Shape())
	}
	copy(dst, x)
	return nil
}
