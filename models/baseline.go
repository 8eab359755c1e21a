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

// baselines lists the baselines in the order of Baselines: their function and its
// parameter p, which is learned if it has a name.
var baselines = []struct {
	name  string
	fn    *function
	p     float64
	param string
}{
	{"relu", relu, 0, ""},
	{"leakyrelu", leaky, leakySlope, ""},
	{"elu", elu, eluAlpha, ""},
	{"gelu", gelu, 0, ""},
	{"silu", silu, 1, ""},
	{"mish", mish, 0, ""},
	{"softplus", softplus, 0, ""},
	{"tanh", tanh, 0, ""},
	{"prelu", leaky, preluInit, "slope"},
	{"swish", silu, swishInit, "beta"},
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
			return func(p Place) (Activation, error) {
				a := &baseline{name: b.name, fn: b.fn, p: b.p}
				if b.param == "" {
					return a, nil
				}
				var err error
				if a.param, err = newLearnable(p.Graph, p.Dtype, tensor.Shape{1}, p.Name+"."+b.param, []float64{b.p}); err != nil {
					return nil, err
				}
				return a, nil
			}, nil
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

// baseline is a function with a parameter p, fixed or learned.
type baseline struct {
	name  string
	fn    *function
	p     float64
	param *gorgonia.Node // a vector of one element, or nil if p is fixed
}

// Apply implements Activation.
func (a *baseline) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if a.param != nil {
		return applyFunction(a.fn, x, 0, a.param)
	}
	return applyFunction(a.fn, x, a.p, nil)
}

// Learnables implements Activation.
func (a *baseline) Learnables() gorgonia.Nodes {
	if a.param == nil {
		return nil
	}
	return gorgonia.Nodes{a.param}
}

// String returns the name that Baseline knows it by.
func (a *baseline) String() string { return a.name }
