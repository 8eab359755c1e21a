package train

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// graph is a network in a graph of its own, with inputs of some batch size.
type graph struct {
	net    models.Network
	batch  int
	x      *input
	out    *gorgonia.Node
	target *input // nil: none
}

// newGraph makes a network for batches of inputs of a shape.
func newGraph(build Builder, mode models.Mode, batch int, xshape []int) (*graph, error) {
	g := gorgonia.NewGraph()
	net, err := build(g, mode)
	if err != nil {
		return nil, fmt.Errorf("the Builder for %v: %w", mode, err)
	}
	if net == nil {
		return nil, fmt.Errorf("the Builder made nil for %v", mode)
	}
	weights := net.Learnables()
	if len(weights) == 0 {
		return nil, fmt.Errorf("the network has no learnables")
	}
	if weights[0].Graph() != g {
		return nil, fmt.Errorf("the Builder made the network in another graph than it was given")
	}
	x := newInput(g, weights[0].Dtype(), "train.x", append([]int{batch}, xshape...))
	out, err := net.Forward(x.node)
	if err != nil {
		return nil, fmt.Errorf("the network for %d inputs of shape %v: %w", batch, xshape, err)
	}
	if s := out.Shape(); len(s) == 0 || s[0] != batch {
		return nil, fmt.Errorf("the network's output has shape %v for a batch of %d", s, batch)
	}
	return &graph{net: net, batch: batch, x: x, out: out}, nil
}

// loss adds targets of a shape, and returns the node of the loss. Targets of one number
// have the shape (batch), or (batch, 1) for a network with one output.
func (g *graph) loss(loss Loss, yshape []int) (*gorgonia.Node, error) {
	shape := append([]int{g.batch}, yshape...)
	if out := g.out.Shape(); len(yshape) == 0 && len(out) == 2 && out[1] == 1 {
		shape = append(shape, 1)
	}
	g.target = newInput(g.out.Graph(), g.out.Dtype(), "train.target", shape)
	cost, err := loss(g.out, g.target.node)
	if err != nil {
		return nil, fmt.Errorf("Config.Loss: %w", err)
	}
	if cost == nil || !cost.IsScalar() {
		return nil, fmt.Errorf("Config.Loss made no scalar node")
	}
	return cost, nil
}

// state returns the nodes that a copy or a file of the network has.
func (g *graph) state() gorgonia.Nodes { return append(g.net.Learnables(), g.net.State()...) }

// input is an input of a graph and its memory.
type input struct {
	node *gorgonia.Node
	f32  []float32 // what to fill
	f64  []float64 // the value of a float64 node
}

func newInput(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, shape []int) *input {
	v := tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	in := &input{node: gorgonia.NodeFromAny(g, v, gorgonia.WithName(name))}
	if dt == tensor.Float64 {
		in.f64 = v.Float64s()
		in.f32 = make([]float32, data.Size(shape))
	} else {
		in.f32 = v.Float32s()
	}
	return in
}

// ready brings what f32 holds to the node.
func (in *input) ready() {
	for i := range in.f64 {
		in.f64[i] = float64(in.f32[i])
	}
}

// float32s returns the numbers of a value, as float32; they may be its own memory.
func float32s(v gorgonia.Value) ([]float32, error) {
	if v == nil {
		return nil, fmt.Errorf("no value")
	}
	if v.Dtype() == tensor.Float32 {
		return values.Elements[float32](v)
	}
	x, err := values.Float64s(v)
	return values.Convert[float32](x), err
}
