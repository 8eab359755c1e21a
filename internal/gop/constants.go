package gop

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Gorgonia's gradients use constants that are nodes common to all graphs (0, 1, 2, …),
// and hashes a node when its hash is first asked for, without a lock: programs that
// build graphs in several goroutines would race. So the constants are hashed here, by a
// graph of each dtype that uses them, before there are goroutines. What a function
// refuses is no reason to stop: then it uses no constant.
func init() {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, f := range []func(*gorgonia.Node) (*gorgonia.Node, error){
			gorgonia.Square, gorgonia.Cube, gorgonia.Sqrt, gorgonia.Inverse, gorgonia.InverseSqrt, gorgonia.Sigmoid,
			gorgonia.Tanh, gorgonia.Log, gorgonia.Log2, gorgonia.Log1p, gorgonia.Exp, gorgonia.Expm1, gorgonia.Softplus, gorgonia.Abs,
			gorgonia.Neg, gorgonia.Rectify,
		} {
			x := gorgonia.NewScalar(gorgonia.NewGraph(), dt, gorgonia.WithName("x"))
			if y, err := f(x); err == nil {
				_, _ = gorgonia.Grad(y, x)
			}
		}
	}
}
