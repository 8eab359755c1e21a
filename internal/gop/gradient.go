package gop

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
)

// Gradient is the gradient of a cost to an input of an op, of the input's shape. It is
// an op of its own, as an op of Gorgonia has one result. The zero Gradient is none:
// the input is a constant, as a mask or labels.
type Gradient struct {
	// Op computes it. An Op without Grads, as most gradients are, has no derivative.
	Op *Op
	// From are the inputs of Op: numbers of inputs of the op of which it is the
	// gradient, Result or Upstream. nil means all inputs and then Upstream. What is not
	// needed should not be here: its memory would be held.
	From []int
}

// What a Gradient may be computed from beside the inputs of its op.
const (
	Result   = -1 - iota // the result of the op
	Upstream             // the gradient to the result
)

// PassOn is the Gradient that is the gradient to the result itself, as for the summands
// of a sum.
var PassOn = Gradient{From: []int{Upstream}}

func (d Gradient) none() bool { return d.Op == nil && d.From == nil }

// inputs returns the inputs of d.Op, which are nodes or values.
func inputs[T any](d Gradient, in []T, result, upstream T) []T {
	if d.From == nil {
		return append(in[:len(in):len(in)], upstream)
	}
	args := make([]T, len(d.From))
	for i, k := range d.From {
		switch k {
		case Result:
			args[i] = result
		case Upstream:
			args[i] = upstream
		default:
			args[i] = in[k]
		}
	}
	return args
}

// SymDiff implements gorgonia.SDOp, for the TapeMachine.
func (o *Op) SymDiff(in gorgonia.Nodes, result, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if len(o.Grads) == 0 {
		return nil, o.fail(fmt.Errorf("no second derivative"))
	}
	out := make(gorgonia.Nodes, len(in))
	for i, d := range o.Grads {
		if d.none() {
			continue
		}
		args := inputs(d, in, result, grad)
		if d.Op == nil {
			out[i] = args[0]
			continue
		}
		var err error
		if out[i], err = d.Op.Apply(args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DoDiff implements gorgonia.ADOp, for the LispMachine: it adds the gradients to
// those of the inputs.
func (o *Op) DoDiff(_ gorgonia.ExecutionContext, in gorgonia.Nodes, result *gorgonia.Node) error {
	if len(o.Grads) == 0 {
		return o.fail(fmt.Errorf("no second derivative"))
	}
	grad, err := result.Grad()
	if err != nil {
		return o.fail(fmt.Errorf("gradient of the result: %w", err))
	}
	vals := make([]gorgonia.Value, len(in))
	for i, n := range in {
		vals[i] = n.Value()
	}
	for i, d := range o.Grads {
		if d.none() {
			continue
		}
		args := inputs(d, vals, result.Value(), grad)
		sum := args[0]
		if d.Op != nil {
			if sum, err = d.Op.Do(args...); err != nil {
				return err
			}
		}
		if err := values.AddGradient(in[i], sum); err != nil {
			return o.fail(fmt.Errorf("gradient to input %d: %w", i, err))
		}
	}
	return nil
}
