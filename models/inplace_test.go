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

// TestInPlace: the result may have the memory of any input of its shape, see gop.Compute.
func TestInPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	images, matrix, per := tensor.Shape{3, 3, 3, 3}, tensor.Shape{3, 3}, tensor.Shape{3}
	lines, vector := tensor.Shape{2, 2, 2}, tensor.Shape{9}
	conv := ConvOptions{Stride: 1, Pad: 1}
	pool, norm := pooling{"MaxPool2D", 1, 1}, normalisation{4, true}.forward()
	ops := map[*gop.Op][]tensor.Shape{
		conv.forward(false): {images, images}, conv.forward(true): {images, images, per},
		conv.backwardX(): {images, images, images}, conv.backwardFilter(): {images, images, images},
		pool.forward(): {images}, pool.backward(): {images, images}, pooling{"AvgPool2D", 1, 1}.forward(): {images},
		norm: {images, per, per, per, per}, norm.Grads[0].Op: {images, per, per, per, images}, norm.Grads[1].Op: {images, per, per, per, images},
		affine: {matrix, matrix, per}, affineDx: {matrix, matrix}, affineDw: {matrix, matrix},
		concatenation: {images, images}, upsampling(1).forward(): {images}, upsampling(1).backward(): {images},
		fourier(0).forward(): {matrix}, fourier(0).backward(): {matrix, matrix},
		crossEntropyGradient(2): {matrix, per, {}}, diceGradient(2): {matrix, per, {}}, binaryGradient(2): {matrix, matrix, {}},
	}
	for _, f := range []*trained{piecewiseLinear(9), bSpline(9), staf(3, rng)} {
		op := f.op(1)
		ops[op] = []tensor.Shape{vector, vector}
		ops[op.Grads[0].Op] = []tensor.Shape{vector, vector, vector}
		ops[op.Grads[1].Op] = []tensor.Shape{vector, vector, vector}
	}
	for _, d := range [][2]int{{5, 4}, {4, 4}} {
		f, err := rational(d[0], d[1])
		require.NoError(t, err)
		x := tensor.Shape{d[0] + d[1] + 1}
		op := f.op(1)
		ops[op], ops[op.Grads[0].Op], ops[op.Grads[1].Op] = []tensor.Shape{x, x}, []tensor.Shape{x, x, x}, []tensor.Shape{x, x, x}
	}
	most := maxout{lines: 2, channels: 2, axis: 1}.op(3)
	ops[most], ops[most.Grads[0].Op], ops[most.Grads[1].Op] = []tensor.Shape{lines, lines}, []tensor.Shape{lines, lines, lines}, []tensor.Shape{lines, lines, lines}
	// The inputs that are labels, targets or variances.
	whole := map[string]int{"models.crossEntropyDx": 1, "models.diceDx": 1, "models.binaryCrossEntropyDx": 1, "models.batchNorm": 4}
	for op, shapes := range ops {
		for _, dt := range dtypes {
			x := make([][]float64, len(shapes))
			for i, s := range shapes {
				x[i] = uniform(rng, s.TotalSize(), 1)
				if k, ok := whole[op.Kind]; ok && k == i {
					for k := range x[i] {
						x[i][k] = float64(k % 2)
					}
				}
			}
			in := func() []gorgonia.Value {
				var in []gorgonia.Value
				for i, s := range shapes {
					switch {
					case s.Dims() > 0:
						in = append(in, values.Dense(dt, s, x[i]))
					case dt == tensor.Float32:
						in = append(in, gorgonia.NewF32(0.5))
					default:
						in = append(in, gorgonia.NewF64(0.5))
					}
				}
				return in
			}
			want, err := op.Do(in()...)
			require.NoError(t, err, op.Kind)
			for i := range shapes {
				from := in()
				got, err := op.UsePreallocDo(from[i], from...)
				require.NoError(t, err)
				require.Equal(t, numbers(t, want), numbers(t, got), fmt.Sprintf("%s (%v) in the memory of input %d", op.Kind, op, i))
			}
		}
	}
}
