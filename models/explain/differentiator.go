package explain

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// input is an input of a graph and its memory.
type input struct {
	node  *gorgonia.Node
	value *tensor.Dense
	x     []float64 // what to fill
}

func newInput(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, shape []int) *input {
	v := tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	return &input{node: gorgonia.NodeFromAny(g, v, gorgonia.WithName(name)), value: v, x: make([]float64, data.Size(shape))}
}

// ready brings what x holds to the node.
func (in *input) ready() {
	if in.value.Dtype() == tensor.Float64 {
		copy(in.value.Float64s(), in.x)
		return
	}
	for i, v := range in.x {
		in.value.Float32s()[i] = float32(v)
	}
}

// newNetwork makes a network for evaluation in a graph of its own, and its input.
func newNetwork(build train.Builder, batch int, xshape []int) (models.Network, *input, error) {
	g := gorgonia.NewGraph()
	net, err := build(g, models.Evaluation)
	if err != nil {
		return nil, nil, fmt.Errorf("build: %w", err)
	}
	if net == nil {
		return nil, nil, fmt.Errorf("build made nil")
	}
	learnables := net.Learnables()
	if len(learnables) == 0 {
		return nil, nil, fmt.Errorf("the network has no learnables")
	}
	if learnables[0].Graph() != g {
		return nil, nil, fmt.Errorf("build made the network in another graph than it was given")
	}
	return net, newInput(g, learnables[0].Dtype(), "explain.x", append([]int{batch}, xshape...)), nil
}

// differentiator computes outputs of a network, and the gradient of one number of each
// example's output to the example's inputs. In evaluation, examples of a batch do not
// depend on each other: the gradient of the sum of one number each has all of these.
type differentiator struct {
	batch, nx, ny int
	x, chosen     *input // chosen is 1 at the numbers that are differentiated, else 0
	out, dx       gorgonia.Value
	vm            gorgonia.VM
}

// newDifferentiator makes a differentiator for batches of a size with the values that the
// network from has.
func newDifferentiator(build train.Builder, from models.Network, batch int, xshape []int) (*differentiator, error) {
	net, x, err := newNetwork(build, batch, xshape)
	if err != nil {
		return nil, err
	}
	out, err := net.Forward(x.node)
	if err != nil {
		return nil, fmt.Errorf("the network for %d inputs of shape %v: %w", batch, xshape, err)
	}
	shape := out.Shape()
	if len(shape) == 0 || shape[0] != batch {
		return nil, fmt.Errorf("the network's output has shape %v for a batch of %d", shape, batch)
	}
	if err := models.CopyNetwork(net, from); err != nil {
		return nil, err
	}
	d := &differentiator{batch: batch, nx: data.Size(xshape), ny: shape.TotalSize() / batch, x: x}
	d.chosen = newInput(out.Graph(), out.Dtype(), "explain.chosen", shape)
	sum, err := sumOf(out, d.chosen.node)
	if err != nil {
		return nil, fmt.Errorf("the chosen outputs: %w", err)
	}
	grads, err := gorgonia.Grad(sum, x.node)
	if err != nil {
		return nil, fmt.Errorf("the gradient to the inputs: %w", err)
	}
	gorgonia.Read(out, &d.out)
	gorgonia.Read(grads[0], &d.dx)
	if d.vm, err = cuda.NewTapeMachine(out.Graph()); err != nil {
		return nil, err
	}
	return d, nil
}

// sumOf returns Σ out·chosen.
func sumOf(out, chosen *gorgonia.Node) (*gorgonia.Node, error) {
	p, err := gorgonia.HadamardProd(out, chosen)
	if err != nil {
		return nil, err
	}
	if p, err = gorgonia.Reshape(p, tensor.Shape{p.Shape().TotalSize()}); err != nil {
		return nil, err
	}
	return gorgonia.Sum(p)
}

// none is a chosen output that is not differentiated.
const none = -1

// run returns the outputs of as many examples as chosen has numbers, at most a batch, whose
// inputs are in d.x.x, and the gradients of the chosen outputs. Both are for the next call to
// overwrite.
func (d *differentiator) run(chosen []int) (out, dx []float64, err error) {
	clear(d.chosen.x)
	for i, k := range chosen {
		if k != none {
			d.chosen.x[i*d.ny+k] = 1
		}
	}
	d.x.ready()
	d.chosen.ready()
	defer d.vm.Reset()
	if err := d.vm.RunAll(); err != nil {
		return nil, nil, err
	}
	if out, err = values.Float64s(d.out); err != nil {
		return nil, nil, err
	}
	dx, err = values.Float64s(d.dx)
	return out, dx, err
}

func (d *differentiator) close() error { return d.vm.Close() }
