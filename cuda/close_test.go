//go:build cuda

package cuda_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	engine "gorgonia.org/gorgonia/cuda"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/cuda/bench"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/models"
)

// settled waits for the number of goroutines to fall to what it was.
func settled(t *testing.T, goroutines int) {
	t.Helper()
	within(t, func() bool { return runtime.NumGoroutine() <= goroutines }, "goroutines are left")
}

// within waits for something to come true, without a goroutine of its own.
func within(t *testing.T, what func() bool, message string) {
	t.Helper()
	for range 1000 {
		if what() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Fatalf("%s\n%s", message, stacks[:runtime.Stack(stacks, true)])
}

// TestCloseLeavesNothing: contexts, memory, modules and handles are given back, the
// goroutines end, and nothing holds the machine.
func TestCloseLeavesNothing(t *testing.T) {
	held, goroutines := bench.Held(), runtime.NumGoroutine()
	var e weak.Pointer[engine.Engine]
	func() {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(20, 20), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.GlorotN(1)))
		y := gorgonia.Must(ditacop.DiTAC(gorgonia.Must(gorgonia.Mul(x, x))))
		gorgonia.Must(gorgonia.ApplyOp(sessionOp{func(s *cuda.Session, out, in gorgonia.Value) error {
			e = weak.Make(s.EngineForTests())
			_, err := s.Scratch("some", 1000)
			return err
		}}, y))
		m, err := cuda.NewTapeMachine(g)
		require.NoError(t, err)
		require.NoError(t, m.RunAll())
		if bench.Active() {
			require.Equal(t, held.Contexts+1, bench.Held().Contexts)
			require.Equal(t, held.Handles+1, bench.Held().Handles)
		}
		require.NoError(t, m.Close())
		require.NoError(t, m.Close(), "a second time")
		require.ErrorContains(t, m.RunAll(), "cuda: the machine is closed")
	}()
	require.Equal(t, held, bench.Held())
	settled(t, goroutines)
	within(t, func() bool { runtime.GC(); return e.Value() == nil }, "the machine is still held")
}

// TestCloseAfterFailedProduct: a product of matrix and vector that fails ends Gorgonia's
// worker, for which its own Close waits for ever.
func TestCloseAfterFailedProduct(t *testing.T) {
	if !bench.Active() {
		t.Skip("needs the bench (cuda/bench.sh), where memory without content is an error")
	}
	held, goroutines := bench.Held(), runtime.NumGoroutine()
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(4, 4), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Zeroes()))
	v := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(4), gorgonia.WithName("v"), gorgonia.WithInit(gorgonia.Zeroes()))
	nothing := gorgonia.Must(gorgonia.ApplyOp(sessionOp{func(*cuda.Session, gorgonia.Value, gorgonia.Value) error { return nil }}, x))
	var read gorgonia.Value
	gorgonia.Read(gorgonia.Must(gorgonia.Mul(nothing, v)), &read)
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	require.ErrorContains(t, m.RunAll(), "nothing was written to")
	require.NoError(t, m.Close())
	require.Equal(t, held, bench.Held())
	settled(t, goroutines)
}

// TestTensorsAfterFailedStep: Gorgonia's Reset gives the tensors of the registers back to
// a pool, and two registers may hold the same one. Two tensors that were made afterwards
// were one and the same. The pool is off in builds with the tag.
func TestTensorsAfterFailedStep(t *testing.T) {
	fails := false
	same := &gop.Op{Kind: "cuda.same", In: []int{4}, Out: 4, Shape: gop.Like(0), Grads: []gop.Gradient{gop.PassOn},
		Compute: gop.Float64s(func(out []float64, in [][]float64) error { copy(out, in[0]); return nil }),
		Device: func(*cuda.Session, gorgonia.Value, []gorgonia.Value) (bool, error) {
			if fails {
				return false, errors.New("failed on purpose")
			}
			return false, nil
		}}
	n := newCNNWith(func(x *gorgonia.Node) (*gorgonia.Node, error) { return same.Apply(x) })
	trainer, err := models.NewTrainer(n.cost, models.Group{Nodes: n.learnables, LearnRate: 0.01})
	require.NoError(t, err)
	_, err = trainer.Run(context.Background(), 1, nil)
	require.NoError(t, err)
	fails = true
	for range 5 {
		_, err = trainer.Run(context.Background(), 1, nil)
		require.ErrorContains(t, err, "failed on purpose")
	}
	require.NoError(t, trainer.Close())
	seen := map[*tensor.Dense]bool{}
	for range 5000 { // more than the pool holds
		d := tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float32))
		require.False(t, seen[d], "a tensor was given out twice")
		seen[d] = true
	}
}
