// Package gop makes operations of Gorgonia from descriptions.
//
// An operation of Gorgonia is a type with fifteen methods, most of which say the same
// for all operations of this module. Here it is an [Op], a struct with what tells it
// from others: what it is called, the ranks of its inputs and its result, the shape
// of the result, the function that computes it, and its gradients, which are Ops too.
// All methods follow from these. This is all of an operation that adds up the rows of
// a matrix from the k-th on:
//
//	func sumRows(k int) *gop.Op {
//		return &gop.Op{
//			Kind: "example.sumRows", Params: []any{k}, In: []int{2}, Out: 1,
//			Shape:   func(in []tensor.Shape) (tensor.Shape, error) { return in[0][1:], nil },
//			Compute: gop.Numbers(addRows[float32](k), addRows[float64](k)),
//			Grads:   []gop.Gradient{{Op: repeatRows(k)}},
//		}
//	}
//
// It works in both of Gorgonia's machines: a TapeMachine asks for the gradients as nodes,
// a LispMachine as values. In a build with the tag cuda an Op that has a form for the
// GPU runs there, see [Op.Device]; all others run on the CPU.
//
// Gorgonia takes two nodes of the same inputs whose ops have one hash for one node. The
// hash of an Op is made of Kind, Params and the ranks: what its functions know beside
// these has to be in Params. The test of the families of ops in this package has a
// line for each of their variants.
package gop
