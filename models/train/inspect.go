package train

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Layer is what an activation of the network is and sees at a step of training.
type Layer struct {
	// Name is that of a DiTAC activation, else "activation" and its number from 0.
	Name string
	// Kind describes the activation, as its String does.
	Kind string
	// InDomain is the fraction of Inputs in the domain [A,B] of a DiTAC activation. Of
	// others A and B are 0 and InDomain is NaN.
	A, B, InDomain float64
	// X are numbers at which the activation was computed, in increasing order, and Curves
	// its values there: one curve if all channels have the same, else one of each channel.
	// There are none of a function that cannot be applied twice in a graph.
	X      []float64
	Curves [][]float64
	// Inputs are the numbers that the activation sees of some examples of Valid, as many as
	// a batch has; without Valid, of the first batch. They are valid during Observe.
	Inputs []float32
	// Theta is the norm of the activation's learnables, θ; 0 without any. Gradient is that of
	// the last step's gradient to them, after Clip; NaN before the first step, and without any.
	Theta, Gradient float64
	// Penalty is λ·θᵀΣ⁻¹θ of a DiTAC activation, see ditacop.WithPenalty: 0 with λ = 0.
	Penalty float64
}

// curvePoints is the number of X, over the domain and a third of its width on either side, or
// over [−curveReach, curveReach].
const (
	curvePoints = 161
	curveReach  = 5
)

// inspector computes the layers in a graph of its own, for evaluation.
type inspector struct {
	*graph
	vm     gorgonia.VM
	pre    []gorgonia.Value
	curves []*curveOf // nil: none
}

// curveOf is an activation applied to the numbers x in all channels.
type curveOf struct {
	x        []float64
	channels int
	y        gorgonia.Value
}

// inspect returns the layers as they are now. The graph for it is made at the first call.
func (s *session) inspect() ([]Layer, error) {
	layers, err := s.layers()
	if err != nil {
		return nil, fmt.Errorf("train: Inspect: %w", err)
	}
	return layers, nil
}

func (s *session) layers() ([]Layer, error) {
	if len(s.net.Activations()) == 0 {
		return nil, nil
	}
	if s.inspector == nil {
		made, err := s.newInspector()
		if err != nil {
			return nil, err
		}
		s.inspector = made
	}
	in := s.inspector
	if err := models.CopyNetwork(in.net, s.net); err != nil {
		return nil, err
	}
	defer in.vm.Reset()
	if err := in.vm.RunAll(); err != nil {
		return nil, err
	}
	var layers []Layer
	for i, a := range s.net.Activations() {
		l, err := s.layer(a, i)
		if err != nil {
			return nil, fmt.Errorf("activation %d: %w", i, err)
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// newInspector makes the graph, with its inputs.
func (s *session) newInspector() (*inspector, error) {
	x, err := s.sample()
	if err != nil {
		return nil, err
	}
	nx := data.Size(s.XShape)
	n := len(x) / nx
	g, err := newGraph(s.Network, models.Evaluation, min(s.Batch, n), s.XShape)
	if err != nil {
		return nil, err
	}
	for i := range g.batch { // from all of the sample, which may be sorted by class
		from := i * n / g.batch * nx
		copy(g.x.f32[i*nx:(i+1)*nx], x[from:])
	}
	g.x.ready()
	in := &inspector{graph: g, pre: make([]gorgonia.Value, len(g.net.PreActivations()))}
	for i, node := range g.net.PreActivations() {
		gorgonia.Read(node, &in.pre[i])
		in.curves = append(in.curves, newCurveOf(g.net.Activations()[i], node))
	}
	in.vm, err = cuda.NewTapeMachine(g.out.Graph())
	return in, err
}

// newCurveOf applies an activation to numbers in the shape of its input, with the numbers in
// place of the batch and one place of each channel. It returns nil where that is impossible.
func newCurveOf(a models.Activation, pre *gorgonia.Node) *curveOf {
	if pre.Dims() < 2 {
		return nil
	}
	from, to := -float64(curveReach), float64(curveReach)
	if d, ok := a.(*ditacop.Activation); ok {
		lo, hi := d.Space().Domain()
		from, to = lo-(hi-lo)/3, hi+(hi-lo)/3
	}
	c := &curveOf{channels: pre.Shape()[1]}
	shape := []int{curvePoints, c.channels}
	for len(shape) < pre.Dims() {
		shape = append(shape, 1)
	}
	var x []float64
	for i := range curvePoints {
		at := from + (to-from)*float64(i)/(curvePoints-1)
		c.x = append(c.x, at)
		for range c.channels {
			x = append(x, at)
		}
	}
	v := values.Dense(pre.Dtype(), tensor.Shape(shape), x)
	node := gorgonia.NodeFromAny(pre.Graph(), v, gorgonia.WithName(pre.Name()+".inspected"))
	y, err := a.Apply(node)
	if err != nil {
		return nil
	}
	gorgonia.Read(y, &c.y)
	return c
}

// layer returns what the i-th activation is and saw in the run of the inspector.
func (s *session) layer(a models.Activation, i int) (Layer, error) {
	l := Layer{Name: fmt.Sprintf("activation %d", i), Kind: fmt.Sprint(a), InDomain: math.NaN(), Gradient: math.NaN()}
	var err error
	if l.Inputs, err = float32s(s.inspector.pre[i]); err != nil {
		return l, err
	}
	if c := s.inspector.curves[i]; c != nil {
		if l.Curves, err = c.curves(); err != nil {
			return l, err
		}
		l.X = c.x
	}
	if d, ok := a.(*ditacop.Activation); ok {
		l.Name = d.Name()
		l.A, l.B = d.Space().Domain()
		l.InDomain = float64(countIn(l.Inputs, l.A, l.B)) / float64(max(1, len(l.Inputs)))
		if l.Penalty, err = d.PenaltyValue(); err != nil {
			return l, err
		}
	}
	nodes := a.Learnables()
	if l.Theta, err = normOf(nodes, func(n *gorgonia.Node) ([]float64, error) { return values.Float64s(n.Value()) }); err != nil {
		return l, err
	}
	if len(nodes) > 0 && len(s.stepTimes) > 0 {
		l.Gradient = 0
		for _, n := range nodes {
			if norm, ok := s.trainer.GradientNorm(n); ok { // else it is in no group
				l.Gradient = math.Hypot(l.Gradient, norm)
			}
		}
	}
	return l, nil
}

// curves returns the curve of each channel, or one if all are the same.
func (c *curveOf) curves() ([][]float64, error) {
	y, err := values.Float64s(c.y)
	if err != nil {
		return nil, err
	}
	if len(y) != len(c.x)*c.channels {
		return nil, nil // an activation that changes the number of channels
	}
	curves := make([][]float64, c.channels)
	same := true
	for k := range curves {
		for i := range c.x {
			curves[k] = append(curves[k], y[i*c.channels+k])
			same = same && y[i*c.channels+k] == y[i*c.channels]
		}
	}
	if same {
		curves = curves[:1]
	}
	return curves, nil
}

// normOf returns the root of the sum of squares of what is read of the nodes.
func normOf(nodes gorgonia.Nodes, read func(*gorgonia.Node) ([]float64, error)) (float64, error) {
	norm := 0.0
	for _, n := range nodes {
		x, err := read(n)
		if err != nil {
			return 0, err
		}
		for _, e := range x {
			norm = math.Hypot(norm, e)
		}
	}
	return norm, nil
}

func (in *inspector) close() error {
	if in == nil || in.vm == nil {
		return nil
	}
	return in.vm.Close()
}
