package mnist

import (
	"cmp"
	"errors"
	"image"
	"image/color"
	"slices"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/ditac-go/ditac/models/train"
)

// The names of an outcome's arrays: the confusion matrix, row by row, and the misclassified
// images that are shown, each by its index in the test and the class that the network says.
const (
	confusionArray = "confusion"
	wrongArray     = "wrong"
)

const (
	// shown is the greatest number of misclassified images that an outcome keeps.
	shown = 24
	// timed is the number of images of the test whose time is measured.
	timed = 1000
	// predicted is the number of images that go through the network at a time.
	predicted = 250
)

// judge tests a trained network.
func (t *Task) judge(build train.Builder, result *train.Result) (o *sweep.Outcome, err error) {
	p, err := train.NewPredictor(build, t.test.XShape, min(predicted, t.test.Len()))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	out, err := p.Predict(result.Network, t.test.X)
	if err != nil {
		return nil, err
	}
	some := t.test.X[:min(timed, t.test.Len())*data.Size(t.test.XShape)]
	seconds, err := cli.Quickest(func() error { _, err := p.Predict(result.Network, some); return err })
	if err != nil {
		return nil, err
	}
	classes := len(t.test.Classes)
	said, err := metric.Argmax(out, classes, 1)
	if err != nil {
		return nil, err
	}
	accuracy, err := metric.Agreement(said, t.test.Y, classes)
	if err != nil {
		return nil, err
	}
	confusion, err := metric.Confusion(said, t.test.Y, classes)
	if err != nil {
		return nil, err
	}
	o = &sweep.Outcome{
		Scores: []float64{100 * accuracy},
		Params: result.Network.NumParams(), TrainSeconds: result.Seconds, InferSeconds: seconds,
		Arrays: map[string][]float32{wrongArray: wrong(out, said, t.test)},
	}
	for _, row := range confusion {
		for _, n := range row {
			o.Arrays[confusionArray] = append(o.Arrays[confusionArray], float32(n))
		}
	}
	if err := task.KeepCurves(o, result); err != nil || !t.Explain {
		return o, err
	}
	return o, task.KeepExplained(o, build, result.Network, t.test, models.CrossEntropy, t.ofEachClass(), explain.Options{Baseline: t.black()})
}

// explained is the greatest number of images whose pixels are explained.
const explained = 8

// ofEachClass returns the first image of the test of each of the first classes.
func (t *Task) ofEachClass() []int {
	var list []int
	for class := range t.test.Classes {
		if i := slices.Index(t.test.Y, float32(class)); i >= 0 && len(list) < explained {
			list = append(list, i)
		}
	}
	return list
}

// black returns an image whose pixels are all the background's.
func (t *Task) black() []float32 {
	n := t.test.XShape[1] * t.test.XShape[2]
	var x []float32
	for _, v := range t.background() {
		x = append(x, slices.Repeat([]float32{v}, n)...)
	}
	return x
}

// Shape returns the shape of an image, after Check.
func (t *Task) Shape() []int { return t.test.XShape }

// Image returns an image of the test and the name of its class.
func (t *Task) Image(i int) (image.Image, string) {
	x, y := t.test.Example(i)
	return gray(x, t.test.XShape), t.test.Classes[int(y[0])]
}

// wrong returns the indices and the said classes of the images that a network is most sure
// and wrong about: whose logit of the said class exceeds that of the true one by most.
func wrong(logits, said []float32, s *data.Set) []float32 {
	classes := len(s.Classes)
	var list []int
	for i, y := range s.Y {
		if said[i] != y {
			list = append(list, i)
		}
	}
	excess := func(i int) float32 { return logits[i*classes+int(said[i])] - logits[i*classes+int(s.Y[i])] }
	slices.SortStableFunc(list, func(i, j int) int { return cmp.Compare(excess(j), excess(i)) })
	var out []float32
	for _, i := range list[:min(shown, len(list))] {
		out = append(out, float32(i), said[i])
	}
	return out
}

// Classes returns the names of the classes, after Check.
func (t *Task) Classes() []string { return t.test.Classes }

// Confusion returns an outcome's confusion matrix: how many images of the class of the row
// the network says to be of the class of the column.
func (t *Task) Confusion(o *sweep.Outcome) [][]float32 {
	return slices.Collect(slices.Chunk(o.Arrays[confusionArray], len(t.test.Classes)))
}

// Wrong is an image of the test that a network misclassifies.
type Wrong struct {
	Image      image.Image
	Is, Called string // classes
}

// Wrongs returns the images that the network of an outcome is most sure and wrong about.
func (t *Task) Wrongs(o *sweep.Outcome) []Wrong {
	var list []Wrong
	for pair := range slices.Chunk(o.Arrays[wrongArray], 2) {
		x, y := t.test.Example(int(pair[0]))
		list = append(list, Wrong{gray(x, t.test.XShape), t.test.Classes[int(y[0])], t.test.Classes[int(pair[1])]})
	}
	return list
}

// gray returns the first channel of an image, its least number black and its greatest
// white.
func gray(x []float32, shape []int) image.Image {
	height, width := shape[1], shape[2]
	x = x[:height*width]
	lo, hi := slices.Min(x), slices.Max(x)
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i, v := range x {
		if hi > lo {
			img.SetGray(i%width, i/width, color.Gray{Y: uint8(255*(v-lo)/(hi-lo) + 0.5)})
		}
	}
	return img
}
