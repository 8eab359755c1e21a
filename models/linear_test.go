package models

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// linearCheck is Linear of a batch of random numbers.
func linearCheck(batch, in, out int) layerCheck {
	return layerCheck{shapes: []tensor.Shape{{batch, in}, {in, out}, {out}}, f: func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		return Linear(in[0], in[1], in[2])
	}}
}

func TestLinear(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {3, 2, 2}, {2, 5, 17}, {2, 2, 2}, {6, 3, 1}} {
		t.Run(fmt.Sprint(s), func(t *testing.T) { linearCheck(s[0], s[1], s[2]).run(t) })
	}
	// What it computes: TestForward has the loop.
}

// TestLinearProcessors: the number of processors does not change a bit, of a product that
// is cut.
func TestLinearProcessors(t *testing.T) {
	c := linearCheck(130, 70, 66)
	rng := rand.New(rand.NewPCG(1, 0))
	x := [][]float64{uniform(rng, 130*70, 1), uniform(rng, 70*66, 1), uniform(rng, 66, 1)}
	run := func(procs int) [][]float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		y, grads := c.eval(t, tensor.Float32, x, ramp(130*66), false)
		return append(grads, y)
	}
	want := run(1)
	for _, procs := range []int{2, 3, 8} {
		require.Equal(t, want, run(procs), "%d processors", procs)
	}
}

func ExampleLinear() {
	g := gorgonia.NewGraph()
	node := func(name string, shape tensor.Shape, x ...float32) *gorgonia.Node {
		return gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)), gorgonia.WithName(name))
	}
	y, err := Linear(node("x", tensor.Shape{1, 2}, 1, 2), node("w", tensor.Shape{2, 3}, 1, 2, 3, 4, 5, 6), node("b", tensor.Shape{3}, 10, 20, 30))
	if err != nil {
		panic(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(y.Value().Data())
	// Output: [19 32 45]
}
