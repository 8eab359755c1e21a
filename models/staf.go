package models

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/ditac-go/ditac/internal/values"
)

const (
	// stafTerms makes 60 parameters, the number next to DiTAC's 59.
	stafTerms = 20
	// stafOmega is the range of the frequencies at the start, as in the authors' code.
	stafOmega = 30
	maxTerms  = 1 << 12
)

// STAF returns a Maker of sums of sines, of which all numbers are learned,
//
//	y = Σ C_i·sin(Ω_i·x + Φ_i),  i = 1 … terms,
//
// one function for a layer, of 3·terms numbers: C, then Ω, then Φ. From Morsali et al.,
// "STAF: Sinusoidal Trainable Activation Functions for Implicit Neural Representation"
// (arXiv 2502.00869).
//
// The start is random, by the network's seed and the layer's name, and such that y is a
// standard normal number at every x, which is what the paper asks of it. Φ_i is uniform in
// ±π, and C_i has the density τ|c|/2·exp(−τc²/2) for τ terms: then |C_i| is a Rayleigh
// number, C_i·sin(Ω_i·x + Φ_i) normal with variance 1/τ, and so the sum normal with variance
// 1. (C_i² is exponential with mean 2/τ; the authors' code has a mean of 1/(2τ), and so half
// the size of y.) Ω_i is uniform in 0 … 30, as in their code. The weights start as the
// network's do for any activation.
func STAF(terms int) Maker {
	return func(p Place) (Activation, error) {
		if terms < 1 || terms > maxTerms {
			return nil, fmt.Errorf("models: STAF: terms = %d, want 1 to %d", terms, maxTerms)
		}
		return staf(terms, p.rand()).make(p)
	}
}

// rand returns a random generator for the place.
func (p Place) rand() *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.Name)) // never fails
	return rand.New(rand.NewPCG(p.Seed, h.Sum64()))
}

func staf(terms int, rng *rand.Rand) *trained {
	init := make([]float64, 3*terms)
	for i := range terms {
		c := math.Sqrt(rng.ExpFloat64() * 2 / float64(terms))
		if rng.IntN(2) == 0 {
			c = -c
		}
		init[i] = c
		init[terms+i] = stafOmega * rng.Float64()
		init[2*terms+i] = math.Pi * (2*rng.Float64() - 1)
	}
	return &trained{
		name: "staf", params: []any{terms}, init: init,
		at32: func(theta, x []float32) loops[float32] {
			f := newSines(theta, sincos)
			if t := newSineTable(f, x); t != nil {
				return t
			}
			return f
		},
		at64: func(theta, _ []float64) loops[float64] { return newSines(theta, math.Sincos) },
	}
}

// sines is a sum of sines at one θ. It computes in float64.
type sines[T values.Float] struct {
	terms  []sineTerm
	sincos func(x float64) (sin, cos float64)
}

type sineTerm struct{ c, omega, phi float64 }

func newSines[T values.Float](theta []T, sincos func(float64) (float64, float64)) *sines[T] {
	n := len(theta) / 3
	f := &sines[T]{make([]sineTerm, n), sincos}
	for i := range f.terms {
		f.terms[i] = sineTerm{float64(theta[i]), float64(theta[n+i]), float64(theta[2*n+i])}
	}
	return f
}

func (f *sines[T]) forward(dst, x []T) {
	for i, v := range x {
		sum := 0.
		for k := range f.terms {
			t := &f.terms[k]
			s, _ := f.sincos(t.omega*float64(v) + t.phi)
			sum += t.c * s
		}
		dst[i] = T(sum)
	}
}

func (f *sines[T]) backwardX(dst, x, g []T) {
	for i, v := range x {
		sum := 0.
		for k := range f.terms {
			t := &f.terms[k]
			_, c := f.sincos(t.omega*float64(v) + t.phi)
			sum += t.c * t.omega * c
		}
		dst[i] = g[i] * T(sum)
	}
}

func (f *sines[T]) backwardTheta(sums []float64, x, g []T) {
	n := len(f.terms)
	forC, forOmega, forPhi := sums[:n], sums[n:2*n], sums[2*n:]
	for i, v := range x {
		x64, g64 := float64(v), float64(g[i])
		for k := range f.terms {
			t := &f.terms[k]
			s, c := f.sincos(t.omega*x64 + t.phi)
			turn := g64 * t.c * c
			forC[k] += g64 * s
			forOmega[k] += turn * x64
			forPhi[k] += turn
		}
	}
}
