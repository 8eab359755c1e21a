//go:build cuda

package cuda_test

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"sync"
	"testing"

	"github.com/chewxy/hm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/cuda/bench"
)

// sessionOp is an operation of our own: it calls use on the GPU, with its input and
// its preallocated output.
type sessionOp struct {
	use func(s *cuda.Session, out, in gorgonia.Value) error
}

var _ gorgonia.CUDADoer = sessionOp{}

func (sessionOp) Arity() int    { return 1 }
func (sessionOp) Type() hm.Type { return hm.NewFnType(hm.TypeVariable('a'), hm.TypeVariable('a')) }
func (sessionOp) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	return in[0].(tensor.Shape).Clone(), nil
}
func (sessionOp) Do(...gorgonia.Value) (gorgonia.Value, error) { panic("runs on the GPU only") }
func (sessionOp) ReturnsPtr() bool                             { return true } // with CallsExtern: the output is preallocated
func (sessionOp) CallsExtern() bool                            { return true }
func (sessionOp) OverwritesInput() int                         { return -1 }
func (sessionOp) WriteHash(h hash.Hash)                        { h.Write([]byte("session")) }
func (sessionOp) String() string                               { return "session" }
func (o sessionOp) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o sessionOp) CUDADo(extern gorgonia.External, dev gorgonia.Device, prealloc gorgonia.Value, in ...gorgonia.Value) (gorgonia.Value, error) {
	s, err := cuda.Open(extern, dev)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return prealloc, o.use(s, prealloc, in[0])
}

// runSession runs a graph in which a stock operation comes before and behind.
func runSession(t *testing.T, use func(s *cuda.Session, out, in gorgonia.Value) error) ([]float64, error) {
	t.Helper()
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))
	y := gorgonia.Must(gorgonia.ApplyOp(sessionOp{use}, gorgonia.Must(gorgonia.Neg(x))))
	var read gorgonia.Value
	gorgonia.Read(gorgonia.Must(gorgonia.Neg(y)), &read)
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	if err := errors.Join(m.RunAll(), m.Close()); err != nil {
		return nil, err
	}
	return floats(t, read), nil
}

// square copies by way of scratch memory and the host, and squares.
func square(s *cuda.Session, out, in gorgonia.Value) error {
	n := in.Shape().TotalSize()
	x := make([]float32, n)
	if err := s.Download(x, cuda.Pointer(in)); err != nil {
		return err
	}
	buffer, err := s.Scratch("buffer", 4*n)
	if err != nil {
		return err
	}
	if err := s.Upload(buffer, x); err != nil {
		return err
	}
	if err := s.Upload(cuda.Pointer(out), make([]float32, n)); err != nil {
		return err
	}
	blocks, threads := cuda.Grid(n, 1024)
	if err := s.Launch("elemunaryop.square_f32", blocks, threads, 0, buffer, cuda.Int(n)); err != nil {
		return err
	}
	return s.Launch("elembinop.add_vv_f32", blocks, threads, 0, cuda.Pointer(out), buffer, cuda.Int(n))
}

func TestSession(t *testing.T) {
	got, err := runSession(t, square)
	require.NoError(t, err)
	want := values(shape.TotalSize(), -1, 1)
	for i, x := range want {
		want[i] = -x * x
	}
	requireNear(t, tensor.Float32, want, got, "square")
}

// TestSessionContext: a session has its machine's context, whatever was current before in
// the thread, as that of a machine that was made meanwhile.
func TestSessionContext(t *testing.T) {
	var other gorgonia.VM
	meanwhile := func(s *cuda.Session, out, in gorgonia.Value) error {
		if err := square(s, out, in); err != nil {
			return err
		}
		g := gorgonia.NewGraph()
		gorgonia.Must(gorgonia.Tanh(input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))))
		var err error
		other, err = cuda.NewTapeMachine(g)
		return err
	}
	g := gorgonia.NewGraph()
	x := input(g, tensor.Float32, "x", values(shape.TotalSize(), -1, 1))
	y := gorgonia.Must(gorgonia.ApplyOp(sessionOp{meanwhile}, gorgonia.Must(gorgonia.Neg(x))))
	y = gorgonia.Must(gorgonia.ApplyOp(sessionOp{square}, y))
	var read gorgonia.Value
	gorgonia.Read(y, &read)
	m, err := cuda.NewTapeMachine(g)
	require.NoError(t, err)
	require.NoError(t, m.RunAll())
	require.NoError(t, errors.Join(m.Close(), other.Close()))
}

func TestScratch(t *testing.T) {
	_, err := runSession(t, func(s *cuda.Session, out, in gorgonia.Value) error {
		a, err := s.Scratch("a", 100)
		require.NoError(t, err)
		b, err := s.Scratch("b", 100)
		require.NoError(t, err)
		require.NotEqual(t, a, b)
		again, err := s.Scratch("a", 50)
		require.NoError(t, err)
		require.Equal(t, a, again)
		held := bench.Held()
		_, err = s.Scratch("a", 200)
		require.NoError(t, err)
		if held != bench.Held() { // require would end the goroutine, for which the machine waits
			return fmt.Errorf("the smaller memory is not freed: %+v, then %+v", held, bench.Held())
		}
		_, err = s.Scratch("c", 0)
		require.ErrorContains(t, err, `"c": size is 0 bytes`)
		return square(s, out, in)
	})
	require.NoError(t, err)
}

// TestResident: content is copied again for another version only.
func TestResident(t *testing.T) {
	_, err := runSession(t, func(s *cuda.Session, out, in gorgonia.Value) error {
		holds := func(at cuda.Arg, want []float64) {
			got := make([]float64, len(want))
			assert.NoError(t, s.Download(got, at)) // require would end the goroutine, for which the machine waits
			assert.Equal(t, want, got)
		}
		a, err := s.Resident("constants", 1, []float64{1, 2})
		require.NoError(t, err)
		holds(a, []float64{1, 2})
		b, err := s.Resident("constants", 1, []float64{3, 4})
		require.NoError(t, err)
		require.Equal(t, a, b)
		holds(b, []float64{1, 2})
		b, err = s.Resident("constants", 2, []float64{3, 4})
		require.NoError(t, err)
		holds(b, []float64{3, 4})
		_, err = s.Resident("constants", 3, []int{1})
		require.ErrorContains(t, err, `Session.Resident: "constants": x is a []int, want []float32 or []float64`)
		require.ErrorContains(t, s.Upload(a, 1.0), "Session.Upload: x is a float64")
		require.ErrorContains(t, s.Download(nil, a), "Session.Download: x is a <nil>")
		return square(s, out, in)
	})
	require.NoError(t, err)
}

func TestSessionErrors(t *testing.T) {
	_, err := runSession(t, func(s *cuda.Session, out, in gorgonia.Value) error {
		return s.Launch("nosuch.kernel", 1, 1, 0)
	})
	require.ErrorContains(t, err, `no kernel "nosuch.kernel"`)
	_, err = cuda.Open(nil, gorgonia.Device(0))
	require.ErrorContains(t, err, "extern is a <nil>")
	if !bench.Active() {
		return // a real GPU need not notice the rest
	}
	_, err = runSession(t, func(s *cuda.Session, out, in gorgonia.Value) error {
		return s.Launch("elemunaryop.square_f32", 0, 1, 0, cuda.Pointer(in), cuda.Int(1))
	})
	require.ErrorContains(t, err, `kernel "elemunaryop.square_f32" on 0 blocks of 1 threads: InvalidValue`)
	_, err = runSession(t, func(s *cuda.Session, out, in gorgonia.Value) error {
		return s.Launch("elemunaryop.square_f32", 1, 1, 0, cuda.Pointer(out), cuda.Int(1))
	})
	require.ErrorContains(t, err, "nothing was written to")
}

// TestMachinesAtOnce has several machines, each with a context of its own, in
// goroutines.
func TestMachinesAtOnce(t *testing.T) {
	const n = 8
	losses, errs := make([][]float64, n), make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { losses[i], errs[i] = train(tensor.Float32, 5) })
	}
	wait.Wait()
	for i := range losses {
		require.NoError(t, errs[i])
		require.Equal(t, losses[0], losses[i])
	}
}
