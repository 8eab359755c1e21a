package gop

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestGradInGoroutines differentiates graphs at the same time, for the race detector.
func TestGradInGoroutines(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			wg.Add(1)
			go func() {
				defer wg.Done()
				g := gorgonia.NewGraph()
				x := gorgonia.NewVector(g, dt, gorgonia.WithShape(3), gorgonia.WithName("x"))
				y := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Tanh(x))))))
				_, err := gorgonia.Grad(y, x)
				assert.NoError(t, err)
			}()
		}
	}
	wg.Wait()
}
