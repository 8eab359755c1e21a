package models

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BenchmarkElements measures the ops of activations on 1024×64 normal float32 numbers:
// ns per element of y, of the gradient to x and of that to the parameters.
func BenchmarkElements(b *testing.B) {
	const rows, columns = 1024, 64
	rng := rand.New(rand.NewPCG(1, 1))
	x, upstream := make([]float64, rows*columns), make([]float64, rows*columns)
	for i := range x {
		x[i], upstream[i] = 1.5*rng.NormFloat64(), rng.NormFloat64()
	}
	for _, name := range append(Baselines(), "ditac") {
		g := gorgonia.NewGraph()
		maker, err := ByName(name)
		require.NoError(b, err)
		a, err := maker(Place{Graph: g, Dtype: tensor.Float32, Name: "a", Channels: columns, Axis: 1})
		require.NoError(b, err)
		xn := input(g, tensor.Float32, tensor.Shape{rows, columns}, "x", x)
		y, err := a.Apply(xn)
		require.NoError(b, err)
		op, in := gop.Of(y.Op()), []gorgonia.Value{xn.Value()}
		for _, l := range a.Learnables() {
			in = append(in, l.Value())
		}
		bench := func(what string, op *gop.Op, in []gorgonia.Value, out gorgonia.Value) {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if _, err := op.UsePreallocDo(out, in...); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(rows*columns), "ns/element")
			})
		}
		out := values.New(tensor.Float32, tensor.Shape{rows, columns})
		bench("y", op, in, out)
		in = append(in, values.Dense(tensor.Float32, tensor.Shape{rows, columns}, upstream))
		bench("dx", op.Grads[0].Op, in, out)
		for k, l := range a.Learnables() {
			bench(fmt.Sprintf("dp%d", k), op.Grads[k+1].Op, in, values.New(tensor.Float32, l.Shape()))
		}
	}
}

// BenchmarkActivationStep measures a training step of a network 2→64→64→3 on 4,096 rows of
// float32.
func BenchmarkActivationStep(b *testing.B) {
	makers := map[string]Maker{"gorgonia.Rectify": Fixed(gorgonia.Rectify)}
	names := append([]string{"gorgonia.Rectify"}, append(Baselines(), "ditac")...)
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			maker := makers[name]
			if maker == nil {
				var err error
				maker, err = ByName(name)
				require.NoError(b, err)
			}
			net, err := NewMLP(gorgonia.NewGraph(), MLPConfig{Sizes: []int{2, 64, 64, 3}, Activation: maker, Seed: 1})
			require.NoError(b, err)
			benchmarkNetwork(b, net, tensor.Shape{4096, 2})
		})
	}
}
