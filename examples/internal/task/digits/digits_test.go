package digits

import (
	"context"
	"math"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestLearns: some hundred steps classify most images, with DiTAC as with ReLU.
func TestLearns(t *testing.T) {
	task := New()
	require.NoError(t, task.Check())
	for _, a := range []string{"relu", "ditac"} {
		s, err := (&cli.DiTAC{}).Setting(a, 1)
		require.NoError(t, err)
		o, err := task.Train(context.Background(), sweep.Run{Activation: a, Rate: 0.005, Seed: 1}, s, 200, func() {})
		require.NoError(t, err)
		require.Greater(t, o.Scores[0], 90.0, a)
	}
}

func TestData(t *testing.T) {
	d, err := readDigits()
	require.NoError(t, err)
	require.Len(t, d.images, 1797)
	require.Equal(t, 0, d.class[0])
	require.Equal(t, float32(5)/16, d.images[0][2])
	train, test := d.split(1)
	require.Len(t, test, 359)
	require.Len(t, train, 1438)
	x, y := make([]float32, 2*pixels), make([]float32, 2*classes)
	d.pack([]int{1, 0}, x, y)
	require.Equal(t, d.images[0], x[pixels:])
	require.Equal(t, []float32{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, y)
}

// TestCrossEntropy compares with log(10) for equal logits, and the gradient with
// softmax less target, divided by the rows.
func TestCrossEntropy(t *testing.T) {
	g := gorgonia.NewGraph()
	logits := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, classes), gorgonia.WithName("logits"), gorgonia.WithInit(gorgonia.Zeroes()))
	y := make([]float32, 2*classes)
	y[3], y[classes+5] = 1, 1
	target := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(2, classes), tensor.WithBacking(y)), gorgonia.WithName("target"))
	cost, err := crossEntropy(logits, target)
	require.NoError(t, err)
	grads, err := gorgonia.Grad(cost, logits)
	require.NoError(t, err)
	var loss, grad gorgonia.Value
	gorgonia.Read(cost, &loss)
	gorgonia.Read(grads[0], &grad)
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	require.InDelta(t, math.Log(classes), loss.Data().(float32), 1e-5) // the rounding of float32
	for i, d := range grad.Data().([]float32) {
		want := 0.1 / 2
		if i == 3 || i == classes+5 {
			want = -0.9 / 2
		}
		require.InDelta(t, want, d, 1e-6)
	}
}
