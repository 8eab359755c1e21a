//go:build cuda

package cuda_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/cuda/bench"
)

// The tests of this file pin faults of Gorgonia v0.9.18 that docs/cuda.md warns of.
// When one fails, Gorgonia has become better, and the warning can go.

func runMachine(t *testing.T, g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) error {
	t.Helper()
	m, err := cuda.NewTapeMachine(g, opts...)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	return m.RunAll()
}

func TestDualValuesAreZero(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, "x", values(shape.TotalSize(), 1, 2))
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(x)))), x)
	require.NoError(t, err)
	var read gorgonia.Value
	gorgonia.Read(grads[0], &read)
	require.NoError(t, runMachine(t, g, gorgonia.BindDualValues(x)))
	bound, err := x.Grad()
	require.NoError(t, err)
	for i, v := range floats(t, x.Value()) {
		require.InDelta(t, 2*v, floats(t, read)[i], 1e-6, "the gradient node")
		require.Zero(t, floats(t, bound)[i], "the dual value")
	}
}

// TestHandleWithoutContext: Gorgonia makes its handle of cuBLAS in no context, or in
// another machine's.
func TestHandleWithoutContext(t *testing.T) {
	if !bench.Active() {
		t.Skip("a real GPU fails, or computes wrong products, or not, by chance")
	}
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(4, 4), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Zeroes()))
	var read gorgonia.Value
	gorgonia.Read(gorgonia.Must(gorgonia.Mul(x, x)), &read)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	m := gorgonia.NewTapeMachine(g)                          // not closed: that waits for ever
	m.Engines()[0].Context().Do(func() error { return nil }) // the worker has started, on a thread of its own
	require.ErrorContains(t, m.RunAll(), "the handle was never made")
}

func TestBooleanComparison(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))
	gorgonia.Must(gorgonia.Gt(x, input(g, tensor.Float32, "y", []float64{0}), false))
	require.ErrorContains(t, runMachine(t, g), "TypeMismatch")
}

func TestLongChain(t *testing.T) {
	if !bench.Active() {
		t.Skip("a real GPU panics, or not, by chance")
	}
	chain := func(n int) error {
		g := gorgonia.NewGraph()
		x := input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))
		for range n {
			x = gorgonia.Must(gorgonia.Tanh(x))
		}
		return runMachine(t, g)
	}
	require.NoError(t, chain(20))
	require.ErrorContains(t, chain(40), "63 calls are queued")
}

// TestReshapeTakesItsInput: Reshape's result has the memory of its input, which is freed with
// it. The 1 that a gradient of Gorgonia's Sum begins with is reshaped, and is that of 1 − tanh²,
// too.
func TestReshapeTakesItsInput(t *testing.T) {
	if !bench.Active() {
		t.Skip("a real GPU gives wrong numbers, or not, by chance")
	}
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, "x", values(shape.TotalSize(), 1, 2))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Tanh(x))))))
	_, err := gorgonia.Grad(cost, x)
	require.NoError(t, err)
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	require.ErrorContains(t, m.RunAll(), "that nothing was written to")
	m.Close()
}
