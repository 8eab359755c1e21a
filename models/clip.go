package models

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// clip scales the gradients of all groups such that their norm is at most t.Clip.
func (t *Trainer) clip() error {
	if t.Clip == 0 {
		return nil
	}
	if !(t.Clip > 0) || math.IsInf(t.Clip, 1) {
		return fmt.Errorf("Trainer.Clip is %v, want a positive number or 0", t.Clip)
	}
	var grads []gorgonia.Value
	sum := 0. // in float64 and in order, for the same result in every run
	for _, g := range t.groups {
		for _, vg := range g.model {
			v := vg.(*valueGrad)
			if v.read == nil {
				return fmt.Errorf("group %q: no gradient was computed for %v", g.Name, v.node)
			}
			sum += sumOfSquares(v.read)
			grads = append(grads, v.read)
		}
	}
	norm := math.Sqrt(sum)
	if !finite(norm) {
		return fmt.Errorf("the norm of the gradient is %v", norm)
	}
	if norm <= t.Clip {
		return nil
	}
	for _, v := range grads {
		scale(v, t.Clip/norm)
	}
	return nil
}

func sumOfSquares(v gorgonia.Value) float64 {
	if v.Dtype() == tensor.Float32 {
		return squares[float32](v)
	}
	return squares[float64](v)
}

func squares[T values.Float](v gorgonia.Value) float64 {
	x, err := values.Elements[T](v)
	if err != nil {
		return math.NaN() // not reached: learnables are floats
	}
	sum := 0.
	for _, e := range x {
		sum += float64(e) * float64(e)
	}
	return sum
}

// scale multiplies the numbers of v, which the trainer owns.
func scale(v gorgonia.Value, factor float64) {
	if v.Dtype() == tensor.Float32 {
		scaleNumbers[float32](v, factor)
	} else {
		scaleNumbers[float64](v, factor)
	}
}

func scaleNumbers[T values.Float](v gorgonia.Value, factor float64) {
	x, err := values.Elements[T](v)
	if err != nil {
		return
	}
	scaled := make([]T, len(x))
	for i, e := range x {
		scaled[i] = T(float64(e) * factor)
	}
	_ = values.Store(v, scaled)
}
