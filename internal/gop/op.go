package gop

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"strings"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op is an operation of Gorgonia. Do not change it once it is in use.
type Op struct {
	// Kind says which function the op computes, as "models.linear": the package, by
	// which errors begin, and a name that the package gives to no other.
	Kind string
	// Name is the op's name in errors and in drawings of the graph; by default that of
	// Kind. It is no part of the hash.
	Name string
	// Params are all that tells the op from others of its Kind, apart from the ranks:
	// numbers, bools, strings, slices of float64, what prints as what it is, and
	// functions that write more of it, func(hash.Hash). An op with a state, as running
	// statistics or a random generator, needs something here that only it has.
	Params []any
	// Dtype is the dtype of all inputs and of the result. By default it is that of the
	// inputs, float32 or float64.
	Dtype tensor.Dtype
	// In and Out are the ranks of the inputs, at least one, and of the result, 0 for
	// scalars.
	In  []int
	Out int
	// Shape returns the result's shape, or says what is wrong with those of the inputs.
	// Values may have other ranks than In says. It may return an input's own shape.
	Shape func(in []tensor.Shape) (tensor.Shape, error)
	// Compute computes the result, see Compute.
	Compute Compute
	// Grads are the gradients to the inputs, in their order. An input behind the last
	// has none, as one whose Gradient is zero, and an op without any is not
	// differentiable.
	Grads []Gradient
	// State are the numbers of inputs that Compute changes, as running statistics: it
	// stores new numbers of theirs in the values that it is given. They have to be nodes
	// with values.
	State []int
	// Device is the op's form for the GPU, nil for an op that runs on the CPU only.
	Device Device
	// Owner is what the op belongs to, for those who look for it in a graph; see Of.
	Owner any
}

var (
	_ gorgonia.SDOp            = (*Op)(nil)
	_ gorgonia.ADOp            = (*Op)(nil)
	_ gorgonia.UsePreallocDoer = (*Op)(nil)
)

// Like returns a Shape that is that of the k-th input.
func Like(k int) func(in []tensor.Shape) (tensor.Shape, error) {
	return func(in []tensor.Shape) (tensor.Shape, error) { return in[k], nil }
}

// Scalar is the Shape of a scalar.
func Scalar([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

// Apply returns the node of the op's result.
func (o *Op) Apply(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	y, err := gorgonia.ApplyOp(o.inGraph(), in...)
	if err != nil {
		return nil, o.fail(err)
	}
	return y, nil
}

// fail says of an error whose it is.
func (o *Op) fail(err error) error {
	pkg, _, _ := strings.Cut(o.Kind, ".")
	return fmt.Errorf("%s: %v: %w", pkg, o, err)
}

// String implements fmt.Stringer.
func (o *Op) String() string {
	if o.Name != "" {
		return o.Name
	}
	_, name, _ := strings.Cut(o.Kind, ".")
	return name
}

// Arity implements gorgonia.Op.
func (o *Op) Arity() int { return len(o.In) }

// Type implements gorgonia.Op.
func (o *Op) Type() hm.Type {
	elem := hm.TypeVariable('a')
	types := make([]hm.Type, 0, len(o.In)+1)
	for _, dims := range o.In {
		types = append(types, tensorType(dims, elem))
	}
	return hm.NewFnType(append(types, tensorType(o.Out, elem))...)
}

func tensorType(dims int, elem hm.Type) hm.Type {
	if dims == 0 {
		return elem
	}
	return gorgonia.TensorType{Dims: dims, Of: elem}
}

// InferShape implements gorgonia.Op.
func (o *Op) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	if len(in) != o.Arity() {
		return nil, o.fail(fmt.Errorf("%d inputs, want %d", len(in), o.Arity()))
	}
	shapes := make([]tensor.Shape, len(in))
	for i, s := range in {
		var ok bool
		if shapes[i], ok = s.(tensor.Shape); !ok {
			return nil, o.fail(fmt.Errorf("shape of input %d is a %T", i, s))
		}
	}
	shape, err := o.Shape(shapes)
	if err != nil {
		return nil, o.fail(err)
	}
	if len(shape) != o.Out { // ApplyOp would panic
		return nil, o.fail(fmt.Errorf("result of shape %v for inputs of shapes %v, want %d axes", shape, shapes, o.Out))
	}
	return shape.Clone(), nil
}

// Do implements gorgonia.Op.
func (o *Op) Do(in ...gorgonia.Value) (gorgonia.Value, error) { return o.UsePreallocDo(nil, in...) }

// UsePreallocDo implements gorgonia.UsePreallocDoer: Do into given memory, if the
// result can be written straight to it. Else, and for a nil out, the result is a new
// value.
func (o *Op) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := o.check(in); err != nil {
		return nil, o.fail(err)
	}
	shape, err := o.shapeOf(in)
	if err != nil {
		return nil, o.fail(err)
	}
	if dt := in[0].Dtype(); !fits(out, dt, shape) {
		out = values.New(dt, shape)
	}
	if err := o.Compute(out, in); err != nil {
		return nil, o.fail(err)
	}
	return out, nil
}

// check reports a wrong number of inputs, missing values and wrong dtypes.
func (o *Op) check(in []gorgonia.Value) error {
	if len(in) != o.Arity() {
		return fmt.Errorf("%d inputs, want %d", len(in), o.Arity())
	}
	for i, v := range in {
		if v == nil {
			return fmt.Errorf("input %d has no value", i)
		}
		switch dt := v.Dtype(); {
		case o.Dtype.Type != nil:
			if dt != o.Dtype {
				return fmt.Errorf("input %d has dtype %v, want %v", i, dt, o.Dtype)
			}
		case dt != in[0].Dtype() || !values.IsFloat(dt):
			return fmt.Errorf("input %d has dtype %v, want float32 or float64 and the same for all", i, dt)
		}
	}
	return nil
}

// shapeOf returns the shape of the result for inputs that check has passed.
func (o *Op) shapeOf(in []gorgonia.Value) (tensor.Shape, error) {
	shapes := make([]tensor.Shape, len(in))
	for i, v := range in {
		shapes[i] = v.Shape()
	}
	return o.Shape(shapes)
}

// DiffWRT implements gorgonia.SDOp.
func (o *Op) DiffWRT(inputs int) []bool {
	wrt := make([]bool, inputs)
	for i := range min(inputs, len(o.Grads)) {
		wrt[i] = !o.Grads[i].none()
	}
	return wrt
}

// ReturnsPtr implements gorgonia.Op.
func (o *Op) ReturnsPtr() bool { return true }

// CallsExtern implements gorgonia.Op. It is true for an op on the GPU, see Device.
func (o *Op) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (o *Op) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (o *Op) WriteHash(h hash.Hash) {
	fmt.Fprintf(h, "%s %d %d", o.Kind, o.In, o.Out)
	for _, p := range o.Params {
		switch p := p.(type) {
		case func(hash.Hash):
			p(h)
		case float64: // by its bits: −0 is not 0
			fmt.Fprintf(h, " f%x", math.Float64bits(p))
		case []float64:
			fmt.Fprintf(h, " %d×", len(p))
			for _, e := range p {
				fmt.Fprintf(h, " %x", math.Float64bits(e))
			}
		case string: // with its end
			fmt.Fprintf(h, " %q", p)
		default:
			fmt.Fprintf(h, " %v", p)
		}
	}
}

// Hashcode implements gorgonia.Op.
func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
