package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/ditac-go/ditac/ditacop"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// activations are those that Gorgonia has, and ours.
var activations = []struct {
	name  string
	apply func(x *gorgonia.Node) (*gorgonia.Node, error)
}{
	{"Rectify", gorgonia.Rectify},
	{"LeakyRelu", func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.LeakyRelu(x, 0.01) }},
	{"Sigmoid", gorgonia.Sigmoid},
	{"Tanh", gorgonia.Tanh},
	{"Softplus", gorgonia.Softplus},
	{"Mish", gorgonia.Mish},
	{"DiTAC", func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return ditacop.DiTAC(x, ditacop.WithInit(ditacop.PriorSample(1, 3, 2)))
	}},
}

// pass returns a function that runs an activation in a TapeMachine, forward or
// also backward from the sum of the results.
func pass(apply func(x *gorgonia.Node) (*gorgonia.Node, error), x *tensor.Dense, backward bool) (func(), func(), error) {
	g := gorgonia.NewGraph()
	in := gorgonia.NodeFromAny(g, x, gorgonia.WithName("x"))
	y, err := apply(in)
	if err != nil {
		return nil, nil, err
	}
	if backward {
		sum, err := gorgonia.Sum(y)
		if err != nil {
			return nil, nil, err
		}
		if _, err := gorgonia.Grad(sum, append(gorgonia.Nodes{in}, ditacop.Learnables(g)...)...); err != nil {
			return nil, nil, err
		}
	}
	vm := gorgonia.NewTapeMachine(g)
	return func() {
		if err := vm.RunAll(); err != nil {
			panic(err) // these graphs have run before
		}
		vm.Reset()
	}, func() { _ = vm.Close() }, vm.RunAll()
}

// graph measures activations in Gorgonia's TapeMachine.
func graph(c *config, out io.Writer) error {
	for _, n := range c.sizes() {
		xs, _ := inputs(n)
		x := tensor.New(tensor.WithShape(n/256, 256), tensor.WithBacking(xs))
		rows := [][]string{{"", "forward ns", "÷ DiTAC", "both ns", "÷ DiTAC", "allocated bytes/element"}}
		// One activation at a time beside DiTAC: all graphs together would not fit
		// into memory.
		for _, a := range activations[:len(activations)-1] {
			row := []string{a.name}
			bytes := 0.0
			for _, backward := range []bool{false, true} {
				theirs, close1, err := pass(a.apply, x, backward)
				if err != nil {
					return fmt.Errorf("%s: %w", a.name, err)
				}
				ours, close2, err := pass(activations[len(activations)-1].apply, x, backward)
				if err != nil {
					return fmt.Errorf("DiTAC: %w", err)
				}
				m := compare(max(3, c.rounds/3), c.atLeast, theirs, ours)
				row = append(row, ns(m[0].median(), n), fmt.Sprintf("%.1f", m[0].over(m[1])))
				bytes = allocated(theirs) / float64(n)
				close1()
				close2()
			}
			rows = append(rows, append(row, fmt.Sprintf("%.1f", bytes)))
		}
		row := []string{"DiTAC"}
		bytes := 0.0
		for _, backward := range []bool{false, true} {
			ours, close2, err := pass(activations[len(activations)-1].apply, x, backward)
			if err != nil {
				return err
			}
			m := compare(max(3, c.rounds/3), c.atLeast, ours)
			row = append(row, ns(m[0].median(), n), "1")
			bytes = allocated(ours) / float64(n)
			close2()
		}
		rows = append(rows, append(row, fmt.Sprintf("%.1f", bytes)))
		if err := table(out, fmt.Sprintf("in a TapeMachine, float32, %s elements, ns per element", mi(n)), rows); err != nil {
			return err
		}
	}
	return nil
}

// allocated returns the bytes that a call allocates.
func allocated(f func()) float64 {
	const calls = 3
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / calls
}
