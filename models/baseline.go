package models

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// baseline says what a baseline is: a function and its parameter p, which is learned
// if it has a name.
type baseline struct {
	name  string
	fn    *function
	p     float64 // the initial one, if it is learned
	param string
}

// maker returns the Maker of the activation.
func (b baseline) maker() Maker {
	return func(p Place) (Activation, error) {
		a := &baselineActivation{baseline: b}
		if b.param == "" {
			return a, nil
		}
		var err error
		if a.learned, err = newLearnable(p.Graph, p.Dtype, tensor.Shape{1}, p.Name+"."+b.param, []float64{b.p}); err != nil {
			return nil, err
		}
		return a, nil
	}
}

// baselineActivation is a baseline at a place.
type baselineActivation struct {
	baseline
	learned *gorgonia.Node // p, a vector of one element, or nil if it is fixed
}

// Apply implements Activation.
func (a *baselineActivation) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if a.learned != nil {
		return applyFunction(a.fn, x, 0, a.learned)
	}
	return applyFunction(a.fn, x, a.p, nil)
}

// Learnables implements Activation.
func (a *baselineActivation) Learnables() gorgonia.Nodes {
	if a.learned == nil {
		return nil
	}
	return gorgonia.Nodes{a.learned}
}

// String returns the name that Baseline knows it by.
func (a *baselineActivation) String() string { return a.name }
