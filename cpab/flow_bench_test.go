package cpab

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func benchField(b *testing.B) *Field {
	s, err := NewSpace(10, WithDomain(-3, 3))
	if err != nil {
		b.Fatal(err)
	}
	p, err := NewPrior(s, KernelCells, 3, 2)
	if err != nil {
		b.Fatal(err)
	}
	f, err := s.Field(p.Sample(1))
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func BenchmarkFlow(b *testing.B) {
	f := benchField(b)
	i := 0
	for b.Loop() {
		f.Flow(-3+6*float64(i&1023)/1024, 1)
		i++
	}
}

func BenchmarkAddGradV(b *testing.B) {
	f := benchField(b)
	dv := make([]float64, 11)
	i := 0
	for b.Loop() {
		f.AddGradV(dv, -3+6*float64(i&1023)/1024, 1, 1)
		i++
	}
}

func BenchmarkFieldSet(b *testing.B) {
	f := benchField(b)
	theta := make([]float64, 9)
	for i := range theta {
		theta[i] = float64(i) - 4
	}
	for b.Loop() {
		if err := f.Set(theta); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSegments(b *testing.B) {
	s, err := NewSpace(30, WithDomain(-2, 2), WithBasis(BasisNodal))
	require.NoError(b, err)
	theta := make([]float64, s.Dim())
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range theta {
		theta[k] = 0.12 * rng.NormFloat64()
	}
	f, err := s.Field(theta)
	require.NoError(b, err)
	var segs []Segment
	b.Run("set", func(b *testing.B) {
		for b.Loop() {
			if err := f.Set(theta); err != nil {
				b.Fatal(err)
			}
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
		var sum GradSum
		for b.Loop() {
			for i := range segs[1 : len(segs)-1] {
				segs[i+1].AddGrad(&sum, segs[i+1].From, Weights{1, 1, 1})
			}
		}
	})
}
