package models

import (
	"fmt"
	"hash"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

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
		return nil, fmt.Errorf("models: addBias: bias of shape %v for x of shape %v", in[1], in[0])
	}
	return x.Clone(), nil
}

// Do implements gorgonia.Op.
func (o addBias) Do(in ...gorgonia.Value) (gorgonia.Value, error) { return o.UsePreallocDo(nil, in...) }

// UsePreallocDo implements gorgonia.UsePreallocDoer.
func (o addBias) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	shape, err := o.InferShape(in[0].Shape(), in[1].Shape())
	if err != nil {
		return nil, err
	}
	out = result(out, in[0].Dtype(), shape)
	if in[0].Dtype() == tensor.Float32 {
		err = runAddBias[float32](out, in[0], in[1])
	} else {
		err = runAddBias[float64](out, in[0], in[1])
	}
	return out, err
}

func runAddBias[T values.Float](out, xv, bv gorgonia.Value) error {
	x, err := values.Elements[T](xv)
	if err != nil {
		return fmt.Errorf("models: addBias: %w", err)
	}
	b, err := values.Elements[T](bv)
	if err != nil {
		return fmt.Errorf("models: addBias: %w", err)
	}
	dst, _ := values.Direct[T](out)
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
	db, err := biasGradient{}.Do(in[1].Value(), g)
	if err != nil {
		return err
	}
	for i, d := range []gorgonia.Value{g, db} {
		if err := values.AddGradient(in[i], d); err != nil {
			return fmt.Errorf("models: addBias: gradient to input %d: %w", i, err)
		}
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
	g, ok2 := in[1].(tensor.Shape)
	if !ok || !ok2 || len(b) != 1 || len(g) != 2 || g[1] != b[0] {
		return nil, fmt.Errorf("models: gradient of shape %v for a bias of shape %v", in[1], in[0])
	}
	return b.Clone(), nil
}

// Do implements gorgonia.Op.
func (o biasGradient) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	return o.UsePreallocDo(nil, in...)
}

// UsePreallocDo implements gorgonia.UsePreallocDoer.
func (o biasGradient) UsePreallocDo(out gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	if err := checkInputs(o, in); err != nil {
		return nil, err
	}
	shape, err := o.InferShape(in[0].Shape(), in[1].Shape())
	if err != nil {
		return nil, err
	}
	out = result(out, in[0].Dtype(), shape)
	if in[0].Dtype() == tensor.Float32 {
		err = runBiasGradient[float32](out, in[1])
	} else {
		err = runBiasGradient[float64](out, in[1])
	}
	return out, err
}

func runBiasGradient[T values.Float](out, gv gorgonia.Value) error {
	g, err := values.Elements[T](gv)
	if err != nil {
		return fmt.Errorf("models: gradient to the bias: %w", err)
	}
	dst, _ := values.Direct[T](out)
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
