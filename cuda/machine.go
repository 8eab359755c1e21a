package cuda

import (
	"fmt"
	"runtime"

	"gorgonia.org/gorgonia"
)

// NewTapeMachine is gorgonia.NewTapeMachine for builds with and without the tag cuda.
// It stays on one thread of the operating system meanwhile, without which making a
// machine on a GPU fails now and then, and turns Gorgonia's panic (no GPU, too little
// memory, a graph without inputs) into an error.
func NewTapeMachine(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) (vm gorgonia.VM, err error) {
	if g == nil {
		return nil, fmt.Errorf("cuda: NewTapeMachine: g is nil")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer func() {
		if r := recover(); r != nil {
			vm, err = nil, fmt.Errorf("cuda: NewTapeMachine: %v", r)
		}
	}()
	return gorgonia.NewTapeMachine(g, opts...), nil
}
