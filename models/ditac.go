package models

import (
	"fmt"

	"github.com/ditac-go/ditac/ditacop"
)

// DiTAC returns a Maker of DiTAC activations with the given options, each with one
// θ for all of its inputs and the name of its place:
//
//	net, err := models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 50, 1}, Activation: models.DiTAC()})
//
// See [DiTACPerChannel] for a θ per channel. A bad option is an error of the
// network's constructor.
func DiTAC(opts ...ditacop.Option) Maker {
	return func(p Place) (Activation, error) {
		return newDiTAC(p, opts...)
	}
}

// DiTACPerChannel is [DiTAC] with one θ for each of the channels, or units of a
// fully connected layer, that the activation sees.
func DiTACPerChannel(opts ...ditacop.Option) Maker {
	return func(p Place) (Activation, error) {
		if p.Channels < 1 || p.Axis < 0 {
			return nil, fmt.Errorf("models: DiTACPerChannel: place %q has %d channels along axis %d, want at least 1 along axis 0 or more", p.Name, p.Channels, p.Axis)
		}
		return newDiTAC(p, append(opts[:len(opts):len(opts)], ditacop.WithGroups(p.Axis, p.Channels))...)
	}
}

func newDiTAC(p Place, opts ...ditacop.Option) (Activation, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	a, err := ditacop.New(p.Graph, p.Dtype, append([]ditacop.Option{ditacop.WithName(p.Name)}, opts...)...)
	if err != nil {
		return nil, err // not a, which would be an Activation that is not nil
	}
	return a, nil
}
