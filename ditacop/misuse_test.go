package ditacop

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestMisuse calls everything exported with arguments that are nil, zero or not
// finished: an error that can be read, no panic.
func TestMisuse(t *testing.T) {
	g := gorgonia.NewGraph()
	vector := gorgonia.TensorType{Dims: 1, Of: tensor.Float64}
	nodes := map[string]*gorgonia.Node{
		"nil":       nil,
		"zero":      {},
		"no shape":  gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("bare")),
		"no vector": gorgonia.NewVector(g, tensor.Float32),
		"int":       gorgonia.NewVector(g, tensor.Int, gorgonia.WithShape(3), gorgonia.WithName("int")),
		"no dtype":  gorgonia.NewVector(g, tensor.Dtype{}, gorgonia.WithShape(3), gorgonia.WithName("none")),
		"zero size": gorgonia.NewUniqueNode(gorgonia.In(g), gorgonia.WithType(vector), gorgonia.WithName("typed")),
	}
	good, err := New(g, tensor.Float64, WithName("good"), WithCells(4))
	require.NoError(t, err)
	calls := map[string]func() error{
		"DiTAC(nil)":           func() error { _, err := DiTAC(nil); return err },
		"Func()(nil)":          func() error { _, err := Func()(nil); return err },
		"Func(nil)(nil)":       func() error { _, err := Func(nil)(nil); return err },
		"New(nil)":             func() error { _, err := New(nil, tensor.Float64); return err },
		"New no dtype":         func() error { _, err := New(g, tensor.Dtype{}); return err },
		"New nil option":       func() error { _, err := New(g, tensor.Float64, nil); return err },
		"Penalty(nil)":         func() error { _, err := Penalty(nil); return err },
		"FromState(nil)":       func() error { _, err := FromState(nil, State{}); return err },
		"FromState zero":       func() error { _, err := FromState(g, State{}); return err },
		"Save nil":             func() error { return Save("", nil) },
		"Save no path":         func() error { return Save("", gorgonia.Nodes{g.AllNodes()[0]}) },
		"SaveTo nil":           func() error { return SaveTo(nil, nil) },
		"SaveTo no nodes":      func() error { return SaveTo(&bytes.Buffer{}, nil) },
		"Load no path":         func() error { return Load("", nil) },
		"LoadFrom nil":         func() error { return LoadFrom(nil, nil) },
		"LoadFrom empty":       func() error { return LoadFrom(&bytes.Buffer{}, nil) },
		"LoadByName no path":   func() error { _, _, err := LoadByName("", nil); return err },
		"LoadActivation":       func() error { _, err := LoadActivation(nil, "", ""); return err },
		"CopyLearnables":       func() error { return CopyLearnables(nil, nil) },
		"CopyLearnables nodes": func() error { return CopyLearnables(g, gorgonia.Nodes{nil}) },
		"NewSplitSolver":       func() error { _, err := NewSplitSolver(nil, nil, nil); return err },
	}
	for name, a := range map[string]*Activation{"nil": nil, "zero": {}} {
		calls[name+".Apply"] = func() error { _, err := a.Apply(g.AllNodes()[0]); return err }
		calls[name+".Apply(nil)"] = func() error { _, err := a.Apply(nil); return err }
		calls[name+".ThetaValues"] = func() error { _, err := a.ThetaValues(0); return err }
		calls[name+".Exact"] = func() error { _, err := a.Exact(0); return err }
		calls[name+".Eval"] = func() error { _, _, err := a.Eval(0, nil); return err }
		calls[name+".Penalty"] = func() error { _, err := a.Penalty(); return err }
		calls[name+".State"] = func() error { _, err := a.State(); return err }
		calls[name+".Save"] = func() error { return a.Save("file") }
		calls[name+".MarshalJSON"] = func() error { _, err := a.MarshalJSON(); return err }
		calls[name+".UnmarshalJSON"] = func() error { return a.UnmarshalJSON(nil) }
		calls[name+".GobEncode"] = func() error { _, err := a.GobEncode(); return err }
		calls[name+".GobDecode"] = func() error { return a.GobDecode(nil) }
	}
	for name, n := range nodes {
		calls["DiTAC "+name] = func() error { _, err := DiTAC(n); return err }
		calls["DiTAC per channel "+name] = func() error { _, err := DiTAC(n, WithPerChannel(0)); return err }
		calls["Apply "+name] = func() error { _, err := good.Apply(n); return err }
		calls["Save "+name] = func() error { return SaveTo(&bytes.Buffer{}, gorgonia.Nodes{n}) }
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			var err error
			require.NotPanics(t, func() { err = call() })
			require.Error(t, err)
			require.True(t, strings.HasPrefix(err.Error(), "ditacop: "), err.Error())
			require.NotContains(t, err.Error(), "%!", "a value that does not print")
		})
	}
}

// TestEmptyActivation: a nil and a zero Activation have nothing.
func TestEmptyActivation(t *testing.T) {
	for _, a := range []*Activation{nil, {}} {
		require.Empty(t, a.Name())
		require.Nil(t, a.Theta())
		require.Empty(t, a.Learnables())
		require.Nil(t, a.Space())
		require.Equal(t, VariantDiTAC, a.Variant())
		require.Zero(t, a.Groups())
		require.Empty(t, a.Init().String())
		require.Zero(t, a.Lambda())
		require.Equal(t, "empty activation", a.String())
	}
	require.Empty(t, Activations(nil))
	require.Empty(t, Learnables(nil))
	require.Empty(t, Activations(new(gorgonia.ExprGraph)))
}

// TestLimits: what would need all memory is an error, and the limit itself works.
func TestLimits(t *testing.T) {
	for _, groups := range []int{math.MaxInt, MaxParameters/3 + 1} {
		_, err := New(gorgonia.NewGraph(), tensor.Float64, WithCells(4), WithGroups(0, groups))
		require.ErrorContains(t, err, fmt.Sprintf("groups = %d with 3 parameters each", groups))
		require.ErrorContains(t, err, fmt.Sprint(MaxParameters))
	}
	// No channels, no groups.
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(0, 4), gorgonia.WithName("x"))
	_, err := DiTAC(x, WithPerChannel(0))
	require.ErrorContains(t, err, "no channels along axis 0 of shape (0, 4)")
	_, err = DiTAC(x, WithGroups(0, 3))
	require.ErrorContains(t, err, "no channels along axis 0 of shape (0, 4)")
	require.Len(t, g.AllNodes(), 1)
}

// TestLazyPrior: the prior of the penalty, which is dense, is made when the penalty is
// asked for. A singular one tells when that is.
func TestLazyPrior(t *testing.T) {
	singular := []Option{WithCells(30), WithBasis(cpab.BasisNodal)}
	g := gorgonia.NewGraph()
	x := inputNode(g, tensor.Float64, tensor.Shape{2}, "x", []float64{1, 2})
	_, err := DiTAC(x, append(singular, WithPenalty(1, 1e300, 1))...)
	require.NoError(t, err)
	_, err = Penalty(g)
	require.ErrorContains(t, err, "ditac1: penalty")
	require.ErrorContains(t, err, "singular")
	// Without weight there is none, and its value and gradient are 0.
	a, err := New(gorgonia.NewGraph(), tensor.Float64, append(singular, WithPenalty(0, 1e300, 1), WithInit(FromTheta(fill(29, 1))))...)
	require.NoError(t, err)
	p, err := a.Penalty()
	require.NoError(t, err)
	_, err = gorgonia.Grad(p, a.Theta())
	require.NoError(t, err)
	vm := gorgonia.NewTapeMachine(p.Graph(), gorgonia.BindDualValues(a.Theta()))
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	require.Zero(t, p.Value().Data())
	d, err := a.Theta().Grad()
	require.NoError(t, err)
	require.Equal(t, make([]float64, 29), d.Data())
}

// TestPenaltyHash: penalties of one θ that differ in a setting are nodes of their own.
func TestPenaltyHash(t *testing.T) {
	hash := func(opts ...Option) uint32 {
		a, err := New(gorgonia.NewGraph(), tensor.Float64, opts...)
		require.NoError(t, err)
		return a.penaltyOp().Hashcode()
	}
	base := hash(WithCells(6), WithBasis(cpab.BasisQR), WithPenalty(1, 5, 1))
	require.Equal(t, base, hash(WithCells(6), WithBasis(cpab.BasisQR), WithPenalty(1, 5, 1)))
	for i, opts := range [][]Option{
		{WithCells(6), WithBasis(cpab.BasisQR), WithPenalty(2, 5, 1)},
		{WithCells(6), WithBasis(cpab.BasisQR), WithPenalty(1, 4, 1)},
		{WithCells(6), WithBasis(cpab.BasisQR), WithPenalty(1, 5, 2)},
		{WithCells(7), WithBasis(cpab.BasisQR), WithPenalty(1, 5, 1)},
		{WithCells(6), WithBasis(cpab.BasisNodal), WithPenalty(1, 5, 1)},
	} {
		require.NotEqual(t, base, hash(opts...), "case %d", i)
	}
}

// TestFloat32Overflow: an initial θ that float32 cannot hold is an error that names the
// component; float64 takes it.
func TestFloat32Overflow(t *testing.T) {
	theta := fill(10, 0.5)
	theta[8] = -1e39
	for _, c := range []struct {
		init Init
		want string
	}{
		{FromTheta(theta), "θ of group 1: theta[3] = -1e+39, which overflows float32"},
		{PriorSample(1, 3, 1e40), "which overflows float32"},
	} {
		opts := []Option{WithCells(6), WithBasis(cpab.BasisQR), WithGroups(0, 2), WithInit(c.init)}
		g := gorgonia.NewGraph()
		_, err := New(g, tensor.Float32, opts...)
		require.ErrorContains(t, err, c.want)
		require.Empty(t, g.AllNodes())
		a, err := New(g, tensor.Float64, opts...)
		require.NoError(t, err)
		require.False(t, math.IsInf(a.Theta().Value().Data().([]float64)[8], 0))
	}
	// The largest float32 is one.
	a, err := New(gorgonia.NewGraph(), tensor.Float32, WithCells(2), WithBasis(cpab.BasisNodal), WithInit(FromTheta([]float64{math.MaxFloat32})))
	require.NoError(t, err)
	require.Equal(t, []float32{math.MaxFloat32}, a.Theta().Value().Data())
}

// TestFunc: the function has the type that libraries take, and θ are found afterwards.
func TestFunc(t *testing.T) {
	var activate func(*gorgonia.Node) (*gorgonia.Node, error) = Func(WithCells(4), WithVariant(VariantLeaky))
	g := gorgonia.NewGraph()
	h := inputNode(g, tensor.Float64, tensor.Shape{3}, "x", []float64{1, 2, 3})
	for range 2 {
		var err error
		h, err = activate(h)
		require.NoError(t, err)
	}
	require.Len(t, Learnables(g), 2)
	for _, a := range Activations(g) {
		require.Equal(t, VariantLeaky, a.Variant())
		require.Equal(t, 4, a.Space().Cells())
	}
	named := Func(WithName("mine"))
	_, err := named(h)
	require.NoError(t, err)
	_, err = named(h)
	require.ErrorContains(t, err, `"mine" is taken`)

	opts := []Option{WithCells(4)}
	activate = Func(opts...)
	opts[0] = WithCells(9) // the caller's memory
	other := gorgonia.NewGraph()
	_, err = activate(inputNode(other, tensor.Float64, tensor.Shape{1}, "x", []float64{1}))
	require.NoError(t, err)
	require.Equal(t, 4, Activations(other)[0].Space().Cells())
}
