package flow_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/internal/flow"
	"github.com/stretchr/testify/require"
)

func BenchmarkSegments(b *testing.B) {
	s, err := cpab.NewSpace(30, cpab.WithDomain(-2, 2), cpab.WithBasis(cpab.BasisNodal))
	require.NoError(b, err)
	theta := make([]float64, s.Dim())
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range theta {
		theta[k] = 0.12 * rng.NormFloat64()
	}
	f := fieldOf(b, s, theta)
	v := slices.Clone(f.Velocities())
	var segs []flow.Segment
	b.Run("set", func(b *testing.B) {
		for b.Loop() {
			f.Set(v)
		}
	})
	b.Run("segments", func(b *testing.B) {
		for b.Loop() {
			segs = f.Segments(segs, 1)
		}
	})
	b.Run("jets", func(b *testing.B) {
		for b.Loop() {
			for i := range segs[1 : len(segs)-1] {
				segs[i+1].Jet(segs[i+1].From)
			}
		}
		b.ReportMetric(float64(len(segs)), "segments")
	})
	b.Run("grads", func(b *testing.B) {
		var sum flow.GradSum
		for b.Loop() {
			for i := range segs[1 : len(segs)-1] {
				segs[i+1].AddGrad(&sum, segs[i+1].From, flow.Weights{1, 1, 1})
			}
		}
	})
}
