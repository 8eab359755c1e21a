//go:build !cuda

package gop

import "gorgonia.org/gorgonia"

// Device is the form of an op for the GPU. There is none in this build, in which it is
// nil.
type Device func()

// inGraph returns what a graph has for the op.
func (o *Op) inGraph() gorgonia.Op { return o }

// Of returns the Op that a graph has as op, nil if it is of another make.
func Of(op gorgonia.Op) *Op {
	o, _ := op.(*Op)
	return o
}
