package cpab

import "testing"

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
		if _, _, err := f.AddGradV(dv, -3+6*float64(i&1023)/1024, 1, 1); err != nil {
			b.Fatal(err)
		}
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
