package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/ditac-go/ditac/cuda"
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
	vm, err := cuda.NewTapeMachine(g)
	if err != nil {
		return nil, nil, err
	}
	return func() {
		if err := vm.RunAll(); err != nil {
			panic(err) // these graphs have run before
		}
		vm.Reset()
	}, func() { _ = vm.Close() }, vm.RunAll()
}

// none is no activation: what it costs in a graph is what the graph costs.
func none(x *gorgonia.Node) (*gorgonia.Node, error) { return x, nil }

// graph measures activations in Gorgonia's TapeMachine.
func graph(c *config, out io.Writer) error {
	if err := doubleGraph(c, out); err != nil {
		return err
	}
	for _, n := range c.sizes() {
		xs, _ := inputs(n)
		x := tensor.New(tensor.WithShape(n/256, 256), tensor.WithBacking(xs))
		rows := [][]string{{"", "forward ns", "÷ DiTAC", "both ns", "÷ DiTAC", "both less the sum ns", "÷ DiTAC", "allocated bytes/element"}}
		ours := activations[len(activations)-1]
		// One activation at a time beside DiTAC: all graphs together would not fit
		// into memory.
		for _, a := range activations {
			f, err := c.beside(x, false, a.apply, ours.apply)
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			b, err := c.beside(x, true, a.apply, ours.apply, none)
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			sum := b.times[2].median()
			net, netOurs := b.times[0].median()-sum, b.times[1].median()-sum
			rows = append(rows, []string{a.name,
				ns(f.times[0].median(), n), fmt.Sprintf("%.1f", f.times[0].over(f.times[1])),
				ns(b.times[0].median(), n), fmt.Sprintf("%.1f", b.times[0].over(b.times[1])),
				ns(net, n), fmt.Sprintf("%.1f", net/netOurs),
				fmt.Sprintf("%.1f", b.bytes/float64(n))})
		}
		if err := printTable(out, fmt.Sprintf("in a TapeMachine, float32, %s elements, ns per element", mi(n)), rows); err != nil {
			return err
		}
	}
	return nil
}

// doubleGraph measures DiTAC beside Rectify in graphs of float64.
func doubleGraph(c *config, out io.Writer) error {
	const n = 1 << 20
	xs32, _ := inputs(n)
	xs := make([]float64, n)
	for i, x := range xs32 {
		xs[i] = float64(x)
	}
	x := tensor.New(tensor.WithShape(n/256, 256), tensor.WithBacking(xs))
	rows := [][]string{{"", "Rectify ns", "DiTAC ns", "DiTAC ÷ Rectify"}}
	for _, backward := range []bool{false, true} {
		m, err := c.beside(x, backward, activations[0].apply, activations[len(activations)-1].apply)
		if err != nil {
			return err
		}
		name := map[bool]string{false: "forward", true: "forward and backward"}[backward]
		rows = append(rows, []string{name, ns(m.times[0].median(), n), ns(m.times[1].median(), n), fmt.Sprintf("%.2f", m.times[1].over(m.times[0]))})
	}
	return printTable(out, "in a TapeMachine, float64, 1 Mi elements, ns per element", rows)
}

// comparison is of several activations; bytes is what the first allocates.
type comparison struct {
	times []measurement
	bytes float64
}

// beside measures activations on x in turn.
func (c *config) beside(x *tensor.Dense, backward bool, apply ...func(x *gorgonia.Node) (*gorgonia.Node, error)) (r comparison, err error) {
	var fs []func()
	for _, a := range apply {
		f, done, err := pass(a, x, backward)
		if err != nil {
			return r, err
		}
		defer done()
		fs = append(fs, f)
	}
	r.times = compare(max(3, c.rounds/3), c.atLeast, fs...)
	r.bytes = allocated(fs[0])
	return r, nil
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
