//go:build !cuda

package cuda

import "gorgonia.org/gorgonia"

// finish has nothing to add to a machine on the CPU.
func finish(_ *gorgonia.ExprGraph, vm gorgonia.VM) (gorgonia.VM, error) {
	collectable(vm)
	return vm, nil
}
