package ditacop

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"

	"github.com/chewxy/hm"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Penalty returns the scalar node λ·θᵀΣ⁻¹θ (summed over the groups), the
// smoothness penalty of the paper's training loss, for the user to add to the
// cost. λ and the prior's settings are those of WithPenalty; the prior is
// [cpab.KernelRows]. With λ = 0 the node is 0.
//
// The prior is made here, at the first call: it reports one that is numerically
// singular, and it takes time and memory that grow with the cells.
func (a *Activation) Penalty() (*gorgonia.Node, error) {
	if err := a.made(); err != nil {
		return nil, err
	}
	if a.lambda != 0 {
		if _, err := a.prior(); err != nil {
			return nil, fmt.Errorf("ditacop: %s: penalty: %w", a.name, err)
		}
	}
	p, err := gorgonia.ApplyOp(&penaltyOp{act: a}, a.theta)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: penalty: %w", a.name, err)
	}
	return p, nil
}

// penaltyOf returns the value of the penalty at θ (groups × Dim numbers).
func (a *Activation) penaltyOf(theta []float64) (float64, error) {
	if a.lambda == 0 {
		return 0, nil
	}
	prior, err := a.prior()
	if err != nil {
		return 0, err
	}
	sum, d := 0.0, a.curve.Space().Dim()
	for g := range a.groups {
		e, err := prior.Energy(theta[g*d : (g+1)*d])
		if err != nil {
			return 0, err
		}
		sum += e
	}
	return a.lambda * sum, nil
}

// penaltyGrad returns upstream·∂penalty/∂θ = upstream·2λΣ⁻¹θ.
func (a *Activation) penaltyGrad(theta []float64, upstream float64) ([]float64, error) {
	if a.lambda == 0 {
		return make([]float64, len(theta)), nil
	}
	prior, err := a.prior()
	if err != nil {
		return nil, err
	}
	d := a.curve.Space().Dim()
	grad := make([]float64, 0, len(theta))
	for g := range a.groups {
		e, err := prior.EnergyGrad(nil, theta[g*d:(g+1)*d])
		if err != nil {
			return nil, err
		}
		for _, x := range e {
			grad = append(grad, upstream*a.lambda*x)
		}
	}
	return grad, nil
}

// penaltyOp is the penalty as a function of θ, or (grad) its gradient as a
// function of θ and the upstream gradient.
type penaltyOp struct {
	act  *Activation
	grad bool
}

var (
	_ gorgonia.SDOp = (*penaltyOp)(nil)
	_ gorgonia.ADOp = (*penaltyOp)(nil)
)

// Arity implements gorgonia.Op.
func (o *penaltyOp) Arity() int {
	if o.grad {
		return 2
	}
	return 1
}

// Type implements gorgonia.Op: θ → scalar, or θ → scalar → θ for the gradient.
func (o *penaltyOp) Type() hm.Type {
	elem := hm.TypeVariable('a')
	theta := gorgonia.TensorType{Dims: len(o.act.thetaShape()), Of: elem}
	if o.grad {
		return hm.NewFnType(theta, elem, theta)
	}
	return hm.NewFnType(theta, elem)
}

// InferShape implements gorgonia.Op.
func (o *penaltyOp) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	if o.grad {
		return o.act.thetaShape(), nil
	}
	return tensor.ScalarShape(), nil
}

// Do implements gorgonia.Op.
func (o *penaltyOp) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	fail := func(err error) (gorgonia.Value, error) {
		return nil, fmt.Errorf("ditacop: %v: %w", o, err)
	}
	if len(in) != o.Arity() {
		return fail(fmt.Errorf("%d inputs, want %d", len(in), o.Arity()))
	}
	theta, err := float64sOf(in[0])
	if err != nil {
		return fail(err)
	}
	if want := o.act.groups * o.act.Space().Dim(); len(theta) != want {
		return fail(fmt.Errorf("θ has %d numbers, want %d", len(theta), want))
	}
	if !o.grad {
		p, err := o.act.penaltyOf(theta)
		if err != nil {
			return fail(err)
		}
		if o.act.dt == tensor.Float32 {
			return gorgonia.NewF32(float32(p)), nil
		}
		return gorgonia.NewF64(p), nil
	}
	up, err := float64sOf(in[1])
	if err != nil {
		return fail(err)
	}
	if len(up) != 1 {
		return fail(fmt.Errorf("upstream gradient has %d numbers, want 1", len(up)))
	}
	g, err := o.act.penaltyGrad(theta, up[0])
	if err != nil {
		return fail(err)
	}
	return denseOf(o.act.dt, in[0].Shape(), g), nil
}

// DiffWRT implements gorgonia.SDOp.
func (o *penaltyOp) DiffWRT(inputs int) []bool {
	wrt := make([]bool, inputs)
	wrt[0] = !o.grad
	return wrt
}

// SymDiff implements gorgonia.SDOp.
func (o *penaltyOp) SymDiff(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.grad {
		return nil, fmt.Errorf("ditacop: %v: no second derivative", o)
	}
	d, err := gorgonia.ApplyOp(&penaltyOp{act: o.act, grad: true}, in[0], grad)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %v: %w", o, err)
	}
	return gorgonia.Nodes{d}, nil
}

// DoDiff implements gorgonia.ADOp.
func (o *penaltyOp) DoDiff(_ gorgonia.ExecutionContext, in gorgonia.Nodes, output *gorgonia.Node) error {
	g, err := output.Grad()
	if err != nil {
		return fmt.Errorf("ditacop: %v: gradient of the result: %w", o, err)
	}
	d, err := (&penaltyOp{act: o.act, grad: true}).Do(in[0].Value(), g)
	if err == nil {
		err = values.AddGradient(in[0], d)
	}
	if err != nil {
		return fmt.Errorf("ditacop: %v: %w", o, err)
	}
	return nil
}

// ReturnsPtr implements gorgonia.Op.
func (o *penaltyOp) ReturnsPtr() bool { return false }

// CallsExtern implements gorgonia.Op.
func (o *penaltyOp) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (o *penaltyOp) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (o *penaltyOp) WriteHash(h hash.Hash) {
	a := o.act
	fmt.Fprintf(h, "ditacop penalty %v %x %x %x", o.grad, math.Float64bits(a.lambda), math.Float64bits(a.penaltyLS), math.Float64bits(a.penaltySD))
	a.writeHash(h)
}

// Hashcode implements gorgonia.Op.
func (o *penaltyOp) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// String implements fmt.Stringer.
func (o *penaltyOp) String() string {
	if o.grad {
		return o.act.name + " penalty gradient"
	}
	return o.act.name + " penalty"
}
