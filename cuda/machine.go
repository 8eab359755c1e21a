package cuda

import (
	"fmt"
	"reflect"
	"runtime"

	"gorgonia.org/gorgonia"
)

// NewTapeMachine is gorgonia.NewTapeMachine for builds with and without the tag cuda.
// It turns Gorgonia's panic (no GPU, too little memory, a graph without inputs) into an
// error, and in a build with the tag cures what goes wrong on a GPU without it:
//
//   - It stays on one thread of the operating system meanwhile, without which making a
//     machine fails now and then.
//   - It makes the handle of cuBLAS anew in the machine's context. Gorgonia makes it on a
//     thread that has another one, or none, so that products fail, or run beside the
//     kernels whose results they need.
//   - Close of the machine ends the goroutine that Gorgonia leaves, which would keep the
//     machine in memory, and does not wait for ever after a product that failed.
//   - RunAll copies what operations change of their inputs, as running statistics, to the
//     nodes' values; see Stateful.
//   - A graph with operations of gorgonia.org/gorgonia/ops/nn, whose results on a GPU
//     are wrong, is an error that says what to use instead.
func NewTapeMachine(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) (vm gorgonia.VM, err error) {
	if g == nil {
		return nil, fmt.Errorf("cuda: NewTapeMachine: g is nil")
	}
	if err := refuse(g, "gorgonia.org/gorgonia/ops/nn"); err != nil {
		return nil, fmt.Errorf("cuda: NewTapeMachine: %w", err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer func() {
		if r := recover(); r != nil {
			vm, err = nil, fmt.Errorf("cuda: NewTapeMachine: %v", r)
		}
	}()
	vm, err = finish(g, gorgonia.NewTapeMachine(g, opts...))
	if err != nil {
		return nil, fmt.Errorf("cuda: NewTapeMachine: %w", err)
	}
	return vm, nil
}

// collectable takes from a machine on the CPU the finalizer that Gorgonia gives it, which
// has nothing to do there. A machine that is part of a cycle is never freed with it, nor
// is its graph; and gorgonia.Read into a struct that holds the machine makes a cycle.
func collectable(vm gorgonia.VM) { runtime.SetFinalizer(vm, nil) }

// refuse reports an operation of a package that must not be in a graph. In builds
// without the tag cuda, ops/nn has none of its own.
func refuse(g *gorgonia.ExprGraph, pkg string) error {
	for _, n := range g.AllNodes() {
		t := reflect.TypeOf(n.Op())
		if t == nil {
			continue
		}
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.PkgPath() == pkg {
			return fmt.Errorf("node %v has the operation %v of %s, which computes wrong results on a GPU (docs/cuda.md): "+
				"use the layers of package models (Conv2D, MaxPool2D, BatchNorm, Dropout, ReLU) "+
				"or the functions of the same names in package gorgonia", n.Name(), t, pkg)
		}
	}
	return nil
}
