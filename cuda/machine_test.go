package cuda_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
)

func TestNewTapeMachineErrors(t *testing.T) {
	_, err := cuda.NewTapeMachine(nil)
	require.ErrorContains(t, err, "g is nil")
	_, err = cuda.NewTapeMachine(gorgonia.NewGraph())
	require.ErrorContains(t, err, "Cannot compile an empty graph")
}

// evaluator is what the users of machines look like: the graph writes its result to a field
// beside the machine, so graph and machine are a cycle.
type evaluator struct {
	out gorgonia.Value
	vm  gorgonia.VM
}

// TestMachineIsFreed: the memory of a machine and of its graph is freed, whoever holds the
// machine. Gorgonia's finalizer keeps a cycle, and a sweep had all the graphs that it ever
// made in memory.
func TestMachineIsFreed(t *testing.T) {
	held := func() weak.Pointer[evaluator] {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(20, 20), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Ones()))
		e := &evaluator{}
		gorgonia.Read(gorgonia.Must(gorgonia.Mul(x, x)), &e.out)
		var err error
		e.vm, err = cuda.NewTapeMachine(g)
		require.NoError(t, err)
		require.NoError(t, e.vm.RunAll())
		require.NoError(t, e.vm.Close())
		return weak.Make(e)
	}()
	require.Eventually(t, func() bool { runtime.GC(); return held.Value() == nil }, 10*time.Second, time.Millisecond)
}
