package models

import (
	"fmt"
	"hash"
	"math"
	"math/rand/v2"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// linear is the layer x·W + b for x of shape (batch, in), W of shape (in, out)
// and b of shape (out).
type linear struct{ weight, bias *gorgonia.Node }

// newLinear returns a layer with PyTorch's default initialisation of a Linear:
// weights and bias uniform in ±1/√in.
func newLinear(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, in, out int, rng *rand.Rand) (*linear, error) {
	bound := 1 / math.Sqrt(float64(in))
	w, err := newLearnable(g, dt, tensor.Shape{in, out}, name+".weight", uniform(rng, in*out, bound))
	if err != nil {
		return nil, err
	}
	b, err := newLearnable(g, dt, tensor.Shape{out}, name+".bias", uniform(rng, out, bound))
	if err != nil {
		return nil, err
	}
	return &linear{weight: w, bias: b}, nil
}

// uniform returns n numbers in ±bound, float64 for all dtypes so that networks of
// one seed hold the same numbers.
func uniform(rng *rand.Rand, n int, bound float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = bound * (2*rng.Float64() - 1)
	}
	return out
}

func (l *linear) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	xw, err := gorgonia.Mul(x, l.weight)
	if err != nil {
		return nil, err
	}
	return gorgonia.ApplyOp(addBias{}, xw, l.bias)
}

// addBias is x + b for each row x of a matrix. Gorgonia's BroadcastAdd does it by
// a reshape, a repeat and an addition, which take several times as long.
type addBias struct{}

// biasGradient is the gradient of addBias to b: the sum of the rows of a matrix.
// Its inputs are b, for the shape, and the matrix.
type biasGradient struct{}

var (
	_ gorgonia.SDOp            = addBias{}
	_ gorgonia.ADOp            = addBias{}
	_ gorgonia.UsePreallocDoer = addBias{}
	_ gorgonia.UsePreallocDoer = biasGradient{}
)

// Arity implements gorgonia.Op.
func (addBias) Arity() int { return 2 }

// Type implements gorgonia.Op.
func (addBias) Type() hm.Type {
	elem := hm.TypeVariable('a')
	return hm.NewFnType(tensorType(2, elem), tensorType(1, elem), tensorType(2, elem))
}

// InferShape implements gorgonia.Op.
func (addBias) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	x, ok := in[0].(tensor.Shape)
	b, ok2 := in[1].(tensor.Shape)
	if !ok || !ok2 || len(x) != 2 || len(b) != 1 || x[1] != b[0] {
		return nil, fmt.Errorf("bias of shape %v for x of shape %v", in[1], in[0])
	}
	return x.Clone(), nil
}

// Do implements gorgonia.Op.
func (o addBias) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	return o.UsePreallocDo(newValue(in[0].Dtype(), in[0].Shape()), in...)
}

// UsePreallocDo implements gorgonia.UsePreallocDoer.
func (o addBias) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	if !canHold(out, in[0].Dtype(), in[0].Shape()) {
		return o.Do(in...)
	}
	if in[0].Dtype() == tensor.Float32 {
		return out, runAddBias[float32](out, in[0], in[1])
	}
	return out, runAddBias[float64](out, in[0], in[1])
}

func runAddBias[T float](out, xv, bv gorgonia.Value) error {
	x, err := elements[T](xv)
	if err != nil {
		return fmt.Errorf("models: addBias: %w", err)
	}
	b, err := elements[T](bv)
	if err != nil {
		return fmt.Errorf("models: addBias: %w", err)
	}
	dst, _ := plain[T](out)
	for len(x) > 0 {
		for j, e := range b {
			dst[j] = x[j] + e
		}
		x, dst = x[len(b):], dst[len(b):]
	}
	return nil
}

// DiffWRT implements gorgonia.SDOp.
func (addBias) DiffWRT(int) []bool { return []bool{true, true} }

// SymDiff implements gorgonia.SDOp.
func (addBias) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	db, err := gorgonia.ApplyOp(biasGradient{}, in[1], grad)
	if err != nil {
		return nil, fmt.Errorf("models: addBias: %w", err)
	}
	return gorgonia.Nodes{grad, db}, nil
}

// DoDiff implements gorgonia.ADOp.
func (o addBias) DoDiff(_ gorgonia.ExecutionContext, in gorgonia.Nodes, output *gorgonia.Node) error {
	g, err := output.Grad()
	if err != nil {
		return fmt.Errorf("models: addBias: gradient of the result: %w", err)
	}
	if err := addGradient(gorgonia.Iop{}, in[0], g); err != nil {
		return fmt.Errorf("models: addBias: %w", err)
	}
	if err := addGradient(biasGradient{}, in[1], in[1].Value(), g); err != nil {
		return fmt.Errorf("models: addBias: %w", err)
	}
	return nil
}

// ReturnsPtr implements gorgonia.Op.
func (addBias) ReturnsPtr() bool { return true }

// CallsExtern implements gorgonia.Op.
func (addBias) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (addBias) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (addBias) WriteHash(h hash.Hash) { fmt.Fprint(h, "models.addBias") }

// Hashcode implements gorgonia.Op.
func (o addBias) Hashcode() uint32 { return hashOf(o) }

// String implements fmt.Stringer.
func (addBias) String() string { return "addBias" }

// Arity implements gorgonia.Op.
func (biasGradient) Arity() int { return 2 }

// Type implements gorgonia.Op.
func (biasGradient) Type() hm.Type {
	elem := hm.TypeVariable('a')
	return hm.NewFnType(tensorType(1, elem), tensorType(2, elem), tensorType(1, elem))
}

// InferShape implements gorgonia.Op.
func (biasGradient) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	b, ok := in[0].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("shape of the bias is a %T", in[0])
	}
	return b.Clone(), nil
}

// Do implements gorgonia.Op.
func (o biasGradient) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	return o.UsePreallocDo(newValue(in[0].Dtype(), in[0].Shape()), in...)
}

// UsePreallocDo implements gorgonia.UsePreallocDoer.
func (o biasGradient) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	if !canHold(out, in[0].Dtype(), in[0].Shape()) {
		return o.Do(in...)
	}
	if in[0].Dtype() == tensor.Float32 {
		return out, runBiasGradient[float32](out, in[1])
	}
	return out, runBiasGradient[float64](out, in[1])
}

func runBiasGradient[T float](out, gv gorgonia.Value) error {
	g, err := elements[T](gv)
	if err != nil {
		return fmt.Errorf("models: bias gradient: %w", err)
	}
	dst, _ := plain[T](out)
	clear(dst)
	for len(g) > 0 {
		for j := range dst {
			dst[j] += g[j]
		}
		g = g[len(dst):]
	}
	return nil
}

// ReturnsPtr implements gorgonia.Op.
func (biasGradient) ReturnsPtr() bool { return true }

// CallsExtern implements gorgonia.Op.
func (biasGradient) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (biasGradient) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (biasGradient) WriteHash(h hash.Hash) { fmt.Fprint(h, "models.biasGradient") }

// Hashcode implements gorgonia.Op.
func (o biasGradient) Hashcode() uint32 { return hashOf(o) }

// String implements fmt.Stringer.
func (biasGradient) String() string { return "gradient to the bias" }
