package mnist

import (
	"context"
	"image"
	"image/color"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models/data"
	"github.com/stretchr/testify/require"
)

var _ task.Stepper = (*Task)(nil)

// bars returns n images of 8×8 pixels with a bar on the left, in the middle or on the
// right, which is their class.
func bars(n int) *data.Set {
	s := &data.Set{XShape: []int{1, 8, 8}, Classes: []string{"left", "middle", "right"}, Name: "bars"}
	for i := range n {
		x := make([]float32, 64)
		for row := range 8 {
			x[8*row+1+3*(i%3)] = 0.5 + 0.5*float32(i%5)/4
		}
		s.X, s.Y = append(s.X, x...), append(s.Y, float32(i%3))
	}
	return s
}

// TestTrain: some steps tell the bars apart, with all that flags can ask for; another
// training of the same seed has the same outcome.
func TestTrain(t *testing.T) {
	mnist := New()
	mnist.Batch, mnist.Images, mnist.Shift, mnist.Dropout, mnist.Epochs = 6, 60, 0, 0.1, 5
	require.NoError(t, mnist.use(bars(90), bars(30)))
	require.Equal(t, 60, mnist.train.Len())
	steps, err := mnist.Steps()
	require.NoError(t, err)
	require.Equal(t, 50, steps)
	var settings cli.DiTAC
	s, err := settings.Setting("ditac", 1)
	require.NoError(t, err)
	made := 0
	train := func() *sweep.Outcome {
		r := sweep.Run{Activation: "ditac", Rate: 0.01, Seed: 1}
		o, err := mnist.Train(context.Background(), r, s, steps, func() { made++ })
		require.NoError(t, err)
		o.Run = r // as package sweep does
		return o
	}
	o := train()
	require.Equal(t, steps, made)
	require.Equal(t, 100.0, o.Scores[0])
	require.Equal(t, [][]float32{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}, mnist.Confusion(o))
	require.Empty(t, mnist.Wrongs(o))
	curves, err := task.Curves(o, settings)
	require.NoError(t, err)
	require.Len(t, curves, 2)
	require.Equal(t, o.Arrays, train().Arrays)

	mnist.Shift = 2
	shifted := train()
	require.NotEqual(t, o.Arrays, shifted.Arrays)
	require.Equal(t, shifted.Arrays, train().Arrays)
}

// TestWrong: the images that are misclassified, those first of which the network is surest.
func TestWrong(t *testing.T) {
	s := bars(4) // of the classes 0, 1, 2, 0
	logits := []float32{1, 0, 0, 3, 1, 0, 0, 0, 9, 0, 0, 5}
	pairs := wrong(logits, []float32{0, 0, 2, 2}, s)
	require.Equal(t, []float32{3, 2, 1, 0}, pairs) // exceed by 5 and by 2

	mnist := &Task{test: s}
	list := mnist.Wrongs(&sweep.Outcome{Arrays: map[string][]float32{wrongArray: pairs}})
	require.Len(t, list, 2)
	require.Equal(t, "left", list[0].Is)
	require.Equal(t, "right", list[0].Called)
	require.Equal(t, image.Rect(0, 0, 8, 8), list[0].Image.Bounds())
	require.Equal(t, color.Gray{Y: 255}, list[0].Image.At(1, 0))
	require.Equal(t, color.Gray{Y: 0}, list[0].Image.At(0, 0))
}

// TestMove: what is moved out is lost, and what becomes free is filled, in each channel.
func TestMove(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	move(x, []int{2, 2, 2}, 1, -1, []float32{0, -1})
	require.Equal(t, []float32{0, 0, 2, 0, -1, -1, 6, -1}, x)
	y := []float32{1, 2, 3, 4}
	move(y, []int{1, 2, 2}, 5, 0, []float32{9})
	require.Equal(t, []float32{9, 9, 9, 9}, y)
}

func TestBad(t *testing.T) {
	for want, change := range map[string]func(*Task){
		"-train: 90":  func(t *Task) { t.Images = 90 },
		"-batch: 100": func(t *Task) { t.Batch = 100 },
	} {
		mnist := New()
		change(mnist)
		require.ErrorContains(t, mnist.use(bars(90), bars(30)), want)
	}
	odd := bars(6)
	odd.XShape = []int{1, 4, 16}
	require.NoError(t, (&Task{Batch: 2}).use(odd, odd))
	odd.XShape = []int{1, 2, 32}
	require.ErrorContains(t, (&Task{Batch: 2}).use(odd, odd), "-data")
	for want, change := range map[string]func(*Task){
		"-dropout: 1": func(t *Task) { t.Dropout = 1 },
		"-shift: -1":  func(t *Task) { t.Shift = -1 },
		"-epochs: -1": func(t *Task) { t.Epochs = -1 },
		"-data":       func(t *Task) { t.Data = "none" },
	} {
		mnist := New()
		change(mnist)
		require.ErrorContains(t, mnist.Check(), want)
	}
}
