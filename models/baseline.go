package models

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Initial values and constants of the baselines: PyTorch's defaults.
const (
	leakySlope = 0.01 // Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013
	eluAlpha   = 1    // Clevert et al., "Fast and Accurate Deep Network Learning by ELUs", 2016
	preluInit  = 0.25 // He et al., "Delving Deep into Rectifiers", 2015
	swishInit  = 1    // Ramachandran et al., "Searching for Activation Functions", 2017
)

// baselines lists the baselines in the order of Baselines.
var baselines = []struct {
	name string
	make Maker
}{
	{"relu", fixedFunction(relu, 0)},
	{"leakyrelu", fixedFunction(leaky, leakySlope)},
	{"elu", fixedFunction(elu, eluAlpha)},
	{"gelu", fixedFunction(gelu, 0)},
	{"silu", fixedFunction(silu, 1)},
	{"mish", fixedFunction(mish, 0)},
	{"softplus", fixedFunction(softplus, 0)},
	{"tanh", fixedFunction(tanh, 0)},
	{"prelu", trainedFunction(leaky, "slope", preluInit)},
	{"swish", trainedFunction(silu, "beta", swishInit)},
}

// Baseline returns the Maker of the activation with the given name:
//
//	relu       max(x, 0)
//	leakyrelu  x for x > 0, else 0.01·x
//	elu        x for x > 0, else eˣ − 1
//	gelu       x·Φ(x), Φ the normal distribution function (not the tanh approximation)
//	silu       x·σ(x), σ the logistic function
//	mish       x·tanh(softplus(x))
//	softplus   log(1 + eˣ)
//	tanh       tanh(x)
//	prelu      x for x > 0, else a·x              a is learned, one per layer, from 0.25
//	swish      x·σ(βx)                            β is learned, one per layer, from 1
//
// All are single ops that propagate NaN and have their mathematical limits at
// ±Inf (gorgonia.Rectify(−Inf) is NaN). At the kink x = 0 the gradient is that of
// x < 0. An unknown name is an error that lists the names.
func Baseline(name string) (Maker, error) {
	for _, b := range baselines {
		if b.name == name {
			return b.make, nil
		}
	}
	return nil, fmt.Errorf("models: Baseline: unknown activation %q, want one of %s", name, strings.Join(Baselines(), ", "))
}

// Baselines returns the names that Baseline knows.
func Baselines() []string {
	names := make([]string, len(baselines))
	for i, b := range baselines {
		names[i] = b.name
	}
	return names
}

func fixedFunction(f *function, p float64) Maker {
	return Fixed(func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return applyFunction(f, x, p, nil)
	})
}

func trainedFunction(f *function, param string, init float64) Maker {
	return func(g *gorgonia.ExprGraph, dt tensor.Dtype, name string) (Activation, error) {
		p, err := newLearnable(g, dt, tensor.Shape{1}, name+"."+param, []float64{init})
		if err != nil {
			return nil, err
		}
		return &trained{fn: f, param: p}, nil
	}
}

// trained is a function with one learned parameter, a vector of one element.
type trained struct {
	fn    *function
	param *gorgonia.Node
}

// Apply implements Activation.
func (a *trained) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	return applyFunction(a.fn, x, 0, a.param)
}

// Learnables implements Activation.
func (a *trained) Learnables() gorgonia.Nodes { return gorgonia.Nodes{a.param} }
