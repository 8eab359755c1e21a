package ditacop

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// setTheta gives the first θ of the program numbers of its own.
func (p *program) setTheta(t testing.TB, theta []float64) {
	t.Helper()
	n := p.learnables[3]
	require.NoError(t, gorgonia.Let(n, denseOf(n.Dtype(), n.Shape(), theta)))
}

// sampleTheta returns a θ for p from the prior.
func (p *program) sampleTheta(t testing.TB, seed uint64) []float64 {
	t.Helper()
	a := Activations(p.g)[0]
	theta, err := PriorSample(seed, 3, 0.5).make(a.curve, a.groups)
	require.NoError(t, err)
	return theta
}

// TestClone: the activations of a clone are those of its nodes.
func TestClone(t *testing.T) {
	for _, dt := range bothDtypes {
		p := newProgram(t, dt, 32, 0, odd()...)
		clone := p.clone(t)
		original, acts := Activations(p.g), Activations(clone.g)
		require.Len(t, acts, 1)
		require.NotSame(t, original[0], acts[0])
		require.Same(t, original[0], Activations(p.g)[0])
		theta := acts[0].Theta()
		require.Same(t, clone.g, theta.Graph())
		require.NotSame(t, original[0].Theta(), theta)
		require.Equal(t, gorgonia.Nodes{theta}, Learnables(clone.g))
		require.Contains(t, clone.g.AllNodes(), theta)

		// A θ of its own, which the original does not see and State, Eval and Penalty do.
		was, err := original[0].State()
		require.NoError(t, err)
		clone.setTheta(t, p.sampleTheta(t, 5))
		is, err := original[0].State()
		require.NoError(t, err)
		require.Equal(t, was, is)
		there, err := acts[0].State()
		require.NoError(t, err)
		require.NotEqual(t, was.Theta, there.Theta)
		there.Theta = was.Theta
		require.Equal(t, was, there)

		penalty, err := Penalty(clone.g)
		require.NoError(t, err)
		require.Same(t, clone.g, penalty.Graph())
		_, err = gorgonia.Grad(penalty, theta)
		require.NoError(t, err)
		var v gorgonia.Value
		gorgonia.Read(penalty, &v)
		vm := gorgonia.NewTapeMachine(clone.g, gorgonia.BindDualValues(theta))
		require.NoError(t, vm.RunAll())
		require.NoError(t, vm.Close())
		alone, err := New(gorgonia.NewGraph(), dt, append(odd(), WithInit(FromTheta(p.sampleTheta(t, 5))))...)
		require.NoError(t, err)
		want, err := alone.penaltyOf(widenTheta(t, alone))
		require.NoError(t, err)
		got, err := float64sOf(v)
		require.NoError(t, err)
		require.InEpsilon(t, want, got[0], 1e-6, "one rounding of float32")

		// It can be applied in the clone, not in the original.
		_, err = acts[0].Apply(clone.g.ByName("w1")[0])
		require.NoError(t, err)
		_, err = acts[0].Apply(p.g.ByName("w1")[0])
		require.ErrorContains(t, err, "another graph")
		_, err = original[0].Apply(clone.g.ByName("w1")[0])
		require.ErrorContains(t, err, "Activations")
	}
}

// widenTheta returns all θ of an activation.
func widenTheta(t testing.TB, a *Activation) []float64 {
	t.Helper()
	theta, err := float64sOf(a.Theta().Value())
	require.NoError(t, err)
	return theta
}

// TestTrainClones: clones of one graph, which share its ops, train at the same time
// from different θ, and each as a program of its own would.
func TestTrainClones(t *testing.T) {
	const clones, steps = 3, 5
	for _, dt := range bothDtypes {
		for name, opts := range map[string][]Option{
			"one": {WithCells(8)}, "groups": odd(),
			"many groups": {WithCells(4), WithPerChannel(1)}, // tables are made on several processors
		} {
			for _, gradBefore := range []bool{false, true} {
				t.Run(dt.String()+name, func(t *testing.T) {
					// tableFrom × 16 elements: tables for float32, also in sixteen groups.
					original := newProgram(t, dt, tableFrom, 0, opts...)
					if gradBefore {
						_, err := gorgonia.Grad(original.cost, original.learnables...)
						require.NoError(t, err)
					}
					programs := make([]*program, clones)
					want := make([][]float64, clones)
					for i := range programs {
						theta := original.sampleTheta(t, uint64(i))
						programs[i] = original.clone(t)
						programs[i].setTheta(t, theta)
						alone := newProgram(t, dt, tableFrom, 0, opts...)
						alone.setTheta(t, theta)
						var err error
						want[i], err = alone.train(steps)
						require.NoError(t, err)
					}
					got, errs := make([][]float64, clones), make([]error, clones)
					var wg sync.WaitGroup
					for i, p := range programs {
						wg.Add(1)
						go func() {
							defer wg.Done()
							if gradBefore {
								got[i], errs[i] = p.run(steps)
							} else {
								got[i], errs[i] = p.train(steps)
							}
						}()
					}
					wg.Wait()
					for i := range programs {
						require.NoError(t, errs[i])
						requireSameBits(t, want[i], got[i], "losses")
					}
				})
			}
		}
	}
}

// TestSaveClone: a clone's learnables are saved as those of the original.
func TestSaveClone(t *testing.T) {
	p := newProgram(t, tensor.Float32, 32, 0, odd()...)
	clone := p.clone(t)
	clone.setTheta(t, p.sampleTheta(t, 9))
	path := t.TempDir() + "/clone"
	require.NoError(t, Save(path, clone.learnables))
	require.NoError(t, Load(path, p.learnables))
	require.Equal(t, clone.values(t), p.values(t))
	require.NoError(t, CopyLearnables(clone.clone(t).g, p.learnables))
}
