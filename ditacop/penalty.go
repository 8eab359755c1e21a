package ditacop

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/gop"
	"gorgonia.org/gorgonia"
)

// Penalty returns the scalar node λ·θᵀΣ⁻¹θ (summed over the groups), the
// smoothness penalty of the paper's training loss, for the user to add to the
// cost; a learned amplification has no part in it. λ and the prior's settings are those of
// WithPenalty; the prior is [cpab.KernelRows]. With λ = 0 the node is 0.
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
	return a.penaltyOp().Apply(a.theta)
}

// PenaltyValue returns the value that the node of [Activation.Penalty] has at the current θ.
func (a *Activation) PenaltyValue() (float64, error) {
	if err := a.made(); err != nil || a.lambda == 0 {
		return 0, err
	}
	theta, err := float64sOf(a.theta.Value())
	if err != nil {
		return 0, fmt.Errorf("ditacop: %s: θ: %w", a.name, err)
	}
	p, err := a.penaltyOf(theta)
	if err != nil {
		return 0, fmt.Errorf("ditacop: %s: penalty: %w", a.name, err)
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
	sum := 0.0
	for g := range a.groups {
		e, err := prior.Energy(a.fieldPart(theta, g))
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
	grad := make([]float64, len(theta))
	for g := range a.groups {
		e, err := prior.EnergyGrad(nil, a.fieldPart(theta, g))
		if err != nil {
			return nil, err
		}
		of := a.fieldPart(grad, g)
		for k, x := range e {
			of[k] = upstream * a.lambda * x
		}
	}
	return grad, nil
}

// fieldPart returns the part of a group's θ that is its velocity field: all but a learned
// amplification, on which there is no penalty.
func (s *spec) fieldPart(theta []float64, group int) []float64 {
	from := group * s.curve.Dim()
	return theta[from : from+s.curve.Space().Dim()]
}

// penaltyOp returns the penalty as a function of θ.
func (a *Activation) penaltyOp() *gop.Op {
	o := a.penaltyKind("penalty", func(out []float64, in [][]float64) (err error) {
		out[0], err = a.penaltyOf(in[0])
		return err
	})
	o.Shape = gop.Scalar
	o.Grads = []gop.Gradient{{Op: a.penaltyGradOp()}}
	return o
}

// penaltyGradOp returns the penalty's gradient as a function of θ and the upstream
// gradient.
func (a *Activation) penaltyGradOp() *gop.Op {
	o := a.penaltyKind("penalty gradient", func(out []float64, in [][]float64) error {
		if len(in[1]) != 1 {
			return fmt.Errorf("upstream gradient has %d numbers, want 1", len(in[1]))
		}
		grad, err := a.penaltyGrad(in[0], in[1][0])
		copy(out, grad)
		return err
	})
	o.In, o.Out, o.Shape = append(o.In, 0), o.In[0], gop.Like(0)
	return o
}

// penaltyKind returns what both have in common.
func (a *Activation) penaltyKind(name string, compute func(out []float64, in [][]float64) error) *gop.Op {
	return &gop.Op{
		Kind: "ditacop." + name, Name: a.name + " " + name,
		Params: []any{a.lambda, a.penaltyLS, a.penaltySD, a.writeHash}, Dtype: a.dt,
		In: []int{len(a.thetaShape())},
		Compute: gop.Float64s(func(out []float64, in [][]float64) error {
			if want := a.groups * a.curve.Dim(); len(in[0]) != want {
				return fmt.Errorf("θ has %d numbers, want %d", len(in[0]), want)
			}
			return compute(out, in)
		}),
	}
}
