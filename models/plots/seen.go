package plots

import (
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Layers returns what the activations are now, with their starts.
func (r *Recorder) Layers() []Layer {
	var layers []Layer
	for _, h := range r.Histories() {
		if n := len(h.Snapshots); n > 0 {
			layers = append(layers, Layer{Name: h.Name, Now: h.Snapshots[n-1].Curve, Start: h.Snapshots[0].Curve})
		}
	}
	return layers
}

// WithInputs returns the layers with the Inputs that their activations have in the network
// from, in evaluation, for the inputs x of one or more examples of the shape xshape. Builder
// is the one that made the network. The layers are those of [LayersOf] or of a [Recorder] of
// that network.
func WithInputs(layers []Layer, build train.Builder, from models.Network, x []float32, xshape []int) ([]Layer, error) {
	fail := func(err error) ([]Layer, error) { return nil, fmt.Errorf("plots: WithInputs: %w", err) }
	size := data.Size(xshape)
	if build == nil || from == nil || size < 1 || len(x) == 0 || len(x)%size != 0 {
		return fail(fmt.Errorf("want a Builder, a network, and numbers of whole examples of shape %v, have %d numbers", xshape, len(x)))
	}
	g := gorgonia.NewGraph()
	net, err := build(g, models.Evaluation)
	if err != nil {
		return fail(err)
	}
	weights := net.Learnables()
	if len(weights) == 0 {
		return fail(fmt.Errorf("the network has no learnables"))
	}
	dt := weights[0].Dtype()
	if !values.IsFloat(dt) {
		return fail(fmt.Errorf("a network of dtype %v, want float32 or float64", dt))
	}
	v := values.Dense(dt, append(tensor.Shape{len(x) / size}, xshape...), float64s(x))
	if _, err := net.Forward(gorgonia.NodeFromAny(g, v, gorgonia.WithName("plots.x"))); err != nil {
		return fail(err)
	}
	pre := net.PreActivations()
	seen := make([]gorgonia.Value, len(pre))
	for i, n := range pre {
		gorgonia.Read(n, &seen[i])
	}
	if err := models.CopyNetwork(net, from); err != nil {
		return fail(err)
	}
	vm, err := cuda.NewTapeMachine(g)
	if err != nil {
		return fail(err)
	}
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return fail(err)
	}
	out := append([]Layer(nil), layers...)
	k := 0
	for i, a := range net.Activations() {
		d, ok := a.(*ditacop.Activation)
		if !ok {
			continue
		}
		parts, err := ofGroups(d, seen[i])
		if err != nil {
			return fail(err)
		}
		for _, part := range parts {
			if k == len(out) {
				return fail(fmt.Errorf("%d layers, and the network has more", len(layers)))
			}
			out[k].Inputs = part
			k++
		}
	}
	if k != len(out) {
		return fail(fmt.Errorf("%d layers, and the network has %d", len(layers), k))
	}
	return out, nil
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// ofGroups returns the elements of v that each θ of an activation sees.
func ofGroups(a *ditacop.Activation, v gorgonia.Value) ([][]float32, error) {
	numbers, err := values.Float64s(v)
	if err != nil {
		return nil, fmt.Errorf("%s: inputs: %w", a.Name(), err)
	}
	all := values.Convert[float32](numbers)
	if a.Groups() == 1 {
		return [][]float32{all}, nil
	}
	s, err := a.State()
	if err != nil {
		return nil, err
	}
	shape := v.Shape()
	each := shape[s.Axis] / s.Groups * data.Size(shape[s.Axis+1:]) // of a group, at one place of the axes before
	parts := make([][]float32, s.Groups)
	for at := 0; at < len(all); at += each {
		k := at / each % s.Groups
		parts[k] = append(parts[k], all[at:at+each]...)
	}
	return parts, nil
}
