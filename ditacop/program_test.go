package ditacop

import (
	"fmt"
	"math"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// program is a stock Gorgonia program after the swap: a network 1→hidden→1 with DiTAC
// that learns sin(3x).
type program struct {
	g          *gorgonia.ExprGraph
	cost       *gorgonia.Node
	learnables gorgonia.Nodes
}

const programHidden = 16

// newProgram builds it for a batch size. Unequal seeds start it at other weights.
func newProgram(t testing.TB, dt tensor.Dtype, batch int, seed float64, opts ...Option) *program {
	t.Helper()
	xs, ys := make([]float64, batch), make([]float64, batch)
	for i := range xs {
		xs[i] = 2*float64(i)/float64(batch-1) - 1
		ys[i] = math.Sin(3 * xs[i])
	}
	wave := func(n int, scale float64) []float64 { // instead of random numbers
		w := make([]float64, n)
		for i := range w {
			w[i] = scale * math.Sin(5*float64(i)+1+seed)
		}
		return w
	}
	g := gorgonia.NewGraph()
	x := inputNode(g, dt, tensor.Shape{batch, 1}, "x", xs)
	y := inputNode(g, dt, tensor.Shape{batch, 1}, "y", ys)
	w1 := inputNode(g, dt, tensor.Shape{1, programHidden}, "w1", wave(programHidden, 1))
	w2 := inputNode(g, dt, tensor.Shape{programHidden, 1}, "w2", wave(programHidden, 0.25))
	scale := inputNode(g, dt, tensor.ScalarShape(), "scale", []float64{1 + seed/10})

	h, err := DiTAC(gorgonia.Must(gorgonia.Mul(x, w1)), opts...)
	require.NoError(t, err)
	out := gorgonia.Must(gorgonia.Mul(gorgonia.Must(gorgonia.Mul(h, w2)), scale))
	cost := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(out, y))))))
	return &program{g, cost, append(gorgonia.Nodes{w1, w2, scale}, Learnables(g)...)}
}

// clone returns the program in a clone of its graph.
func (p *program) clone(t testing.TB) *program {
	t.Helper()
	g := p.g.Clone().(*gorgonia.ExprGraph)
	here := func(n *gorgonia.Node) *gorgonia.Node { return g.Node(n.ID()).(*gorgonia.Node) }
	learnables := gorgonia.Nodes{here(p.learnables[0]), here(p.learnables[1]), here(p.learnables[2])}
	return &program{g, here(p.cost), append(learnables, Learnables(g)...)}
}

// train makes steps of gradient descent and returns the losses before them.
func (p *program) train(steps int) ([]float64, error) {
	if _, err := gorgonia.Grad(p.cost, p.learnables...); err != nil {
		return nil, err
	}
	return p.run(steps)
}

// run is train for a graph that has its gradients.
func (p *program) run(steps int) ([]float64, error) {
	m := p.machine()
	defer m.vm.Close()
	return m.step(steps)
}

// machine runs a program.
type machine struct {
	p    *program
	vm   gorgonia.VM
	loss *gorgonia.Value
}

func (p *program) machine() *machine {
	loss := new(gorgonia.Value)
	gorgonia.Read(p.cost, loss)
	return &machine{p, gorgonia.NewTapeMachine(p.g, gorgonia.BindDualValues(p.learnables...)), loss}
}

// step makes steps and returns the losses before them.
func (m *machine) step(steps int) (losses []float64, err error) {
	solver := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.05))
	for range steps {
		if err := m.vm.RunAll(); err != nil {
			return nil, err
		}
		l, err := float64sOf(*m.loss)
		if err != nil {
			return nil, err
		}
		losses = append(losses, l...)
		if err := solver.Step(gorgonia.NodesToValueGrads(m.p.learnables)); err != nil {
			return nil, err
		}
		m.vm.Reset()
	}
	return losses, nil
}

// values returns the numbers of all learnables by name.
func (p *program) values(t testing.TB) map[string][]float64 {
	t.Helper()
	out := map[string][]float64{}
	for _, n := range p.learnables {
		v, err := float64sOf(n.Value())
		require.NoError(t, err)
		out[n.Name()] = v
	}
	return out
}

// requireSameBits compares numbers by their bits.
func requireSameBits(t testing.TB, want, got []float64, what string) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i := range want {
		require.Equal(t, math.Float64bits(want[i]), math.Float64bits(got[i]), "%s[%d]: %v and %v", what, i, want[i], got[i])
	}
}

var bothDtypes = []tensor.Dtype{tensor.Float32, tensor.Float64}

// odd are settings none of which is a default, but for a variant of the default.
func odd() []Option {
	return []Option{WithVariant(VariantLeaky), WithCells(6), WithDomain(-2.5, 2.25), WithBasis(cpab.BasisNodal), WithNegativeSlope(0.2),
		WithGroups(1, 4), WithTolerance(1e-5), WithPenalty(0.3, 2, 1.5), WithInit(PriorSample(7, 3, 0.5)), WithName("odd")}
}

// custom returns a basis matrix for two cells with zero boundary: one hat.
func custom() []Option {
	return []Option{WithCells(2), WithBasisMatrix([]float64{2, 0, -2, 2}), WithInit(FromTheta([]float64{0.25}))}
}

// TestProgram: what the other tests build on trains.
func TestProgram(t *testing.T) {
	for _, dt := range bothDtypes {
		for name, opts := range map[string][]Option{"defaults": nil, "odd": odd(), "custom": custom()} {
			t.Run(fmt.Sprint(dt, name), func(t *testing.T) {
				losses, err := newProgram(t, dt, 32, 0, opts...).train(60)
				require.NoError(t, err)
				require.Less(t, losses[59], losses[0])
			})
		}
	}
}
