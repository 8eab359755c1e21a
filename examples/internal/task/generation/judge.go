package generation

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/ditac-go/ditac/models/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The judge is a LeNet with a hidden layer, trained to classify the images. Its hidden
// layer has the features that lots of images are compared by.
const (
	features     = 64
	judgeBatch   = 64
	judgeRate    = 0.003 // learning rate
	judgeVersion = 1     // to be raised when what it computes changes
)

var judgeFilters = [2]int{8, 16}

// judge says how good generated images are.
type judge struct {
	images *images
	folder string // of its file; "" for none
	steps  int    // to train it

	mu        sync.Mutex
	net       models.Network
	predictor *train.Predictor
	real      []float32 // the features of the images that are held out
	reference Reference
}

// Reference says what the judge makes of real images.
type Reference struct {
	// Accuracy is the part of the held-out images that it classifies rightly.
	Accuracy float64
	// Real is the verdict on as many images of those that are trained on, Noise that on
	// images of independent pixels with the held-out images' own grey levels.
	Real, Noise Verdict
}

// numbers returns the reference for an outcome's array.
func (r *Reference) numbers() []float32 {
	x := []float32{float32(r.Accuracy)}
	for _, v := range []Verdict{r.Real, r.Noise} {
		x = append(x, float32(v.Distance), float32(v.Classes), float32(v.Confidence))
	}
	return x
}

// referenceOf is the inverse of numbers.
func referenceOf(x []float32) (Reference, error) {
	if len(x) != 7 {
		return Reference{}, fmt.Errorf("%d numbers of the judge, want 7", len(x))
	}
	at := func(k int) Verdict { return Verdict{float64(x[k]), float64(x[k+1]), float64(x[k+2])} }
	return Reference{Accuracy: float64(x[0]), Real: at(1), Noise: at(4)}, nil
}

// Verdict is what the judge says of a lot of images.
type Verdict struct {
	// Distance is the Fréchet distance of their features to those of the held-out images.
	Distance float64
	// Classes is exp(H) for the entropy H of the classes that they are taken for: the
	// number of classes, if all are equally frequent, and 1 if there is but one.
	Classes float64
	// Confidence is the mean of the greatest probability of a class.
	Confidence float64
}

// classifier is the judge's network. For training its outputs are the logits, for
// evaluation the features of an image, then the logits.
type classifier struct {
	*models.LeNet
	hidden models.Activation
	last   *models.MLP
	mode   models.Mode
}

func (j *judge) build(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
	gelu, err := models.Baseline("gelu") // no unit of which dies
	if err != nil {
		return nil, err
	}
	s := j.images.train
	c := &classifier{mode: mode}
	c.LeNet, err = models.NewLeNet(g, models.LeNetConfig{
		Channels: s.XShape[0], Height: s.XShape[1], Width: s.XShape[2], Filters: judgeFilters, Classes: features, Activation: gelu, Seed: 1, Name: "judge",
	})
	if err != nil {
		return nil, err
	}
	if c.hidden, err = gelu(models.Place{Graph: g, Dtype: tensor.Float32, Name: "judge.hidden", Channels: features, Axis: 1}); err != nil {
		return nil, err
	}
	c.last, err = models.NewMLP(g, models.MLPConfig{Sizes: []int{features, len(s.Classes)}, Seed: 2, Name: "judge.last"})
	return c, err
}

// Forward implements models.Network.
func (c *classifier) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	h, err := c.LeNet.Forward(x)
	if err == nil {
		h, err = c.hidden.Apply(h)
	}
	if err != nil {
		return nil, err
	}
	logits, err := c.last.Forward(h)
	if err != nil || c.mode == models.Training {
		return logits, err
	}
	return gorgonia.Concat(1, h, logits)
}

// Weights implements models.Network.
func (c *classifier) Weights() gorgonia.Nodes {
	return append(c.LeNet.Weights(), c.last.Weights()...)
}

// Learnables implements models.Network.
func (c *classifier) Learnables() gorgonia.Nodes { return c.Weights() }

// NumParams implements models.Network.
func (c *classifier) NumParams() int { return c.LeNet.NumParams() + c.last.NumParams() }

// Save implements models.Network.
func (c *classifier) Save(path string) error { return ditacop.Save(path, c.Learnables()) }

// Load implements models.Network.
func (c *classifier) Load(path string) error { return ditacop.Load(path, c.Learnables()) }

// path returns the name of the judge's file, which says what it was trained on and how.
func (j *judge) path() string {
	key := fmt.Sprint(judgeVersion, features, judgeBatch, judgeRate, j.steps, judgeFilters, j.images.hash)
	return filepath.Join(j.folder, fmt.Sprintf("judge_%.8x.safetensors", sha256.Sum256([]byte(key))))
}

// prepare makes the judge, if it is not made: reads or trains it. It returns false if the
// end of ctx has cut that short.
func (j *judge) prepare(ctx context.Context) (bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.net != nil {
		return true, nil
	}
	net, err := j.load()
	if err == nil && net == nil {
		net, err = j.train(ctx)
	}
	if err != nil || net == nil {
		return false, err
	}
	if j.predictor, err = train.NewPredictor(j.build, j.images.train.XShape, judgeBatch); err != nil {
		return false, err
	}
	if err := j.refer(net); err != nil {
		return false, err
	}
	j.net = net
	return true, nil
}

// load reads the judge's file; nil if there is none.
func (j *judge) load() (models.Network, error) {
	if _, err := os.Stat(j.path()); j.folder == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	g := gorgonia.NewGraph()
	net, err := j.build(g, models.Training)
	if err != nil {
		return nil, err
	}
	x, _ := input(g, "x", append([]int{1}, j.images.train.XShape...)...)
	if _, err := net.Forward(x); err != nil {
		return nil, err
	}
	return net, net.Load(j.path())
}

// train trains the judge and keeps it; nil if the end of ctx has cut that short.
func (j *judge) train(ctx context.Context) (models.Network, error) {
	result, err := train.Fit(ctx, train.Config{
		Network: j.build, Loss: models.CrossEntropy, Train: j.images.train, Batch: min(judgeBatch, j.images.train.Len()), Steps: j.steps, Seed: 1,
		LearnRate: judgeRate, Schedule: models.Cosine,
	})
	if err != nil || result.Interrupted {
		return nil, err
	}
	if j.folder == "" {
		return result.Network, nil
	}
	return result.Network, result.Network.Save(j.path())
}

// refer sets what verdicts are compared with.
func (j *judge) refer(net models.Network) error {
	held := j.images.held
	real, logits, err := j.look(net, held.X)
	if err != nil {
		return err
	}
	j.real = real
	if j.reference.Accuracy, err = metric.Accuracy(logits, held.Y, len(held.Classes)); err != nil {
		return err
	}
	size := data.Size(held.XShape)
	n := min(held.Len(), j.images.train.Len())
	if j.reference.Real, err = j.verdict(net, j.images.train.X[:n*size]); err != nil {
		return err
	}
	j.reference.Noise, err = j.verdict(net, shuffled(held.X, 1))
	return err
}

// judge returns the verdict on images. The judge must be prepared.
func (j *judge) judge(x []float32) (Verdict, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.verdict(j.net, x)
}

func (j *judge) verdict(net models.Network, x []float32) (v Verdict, err error) {
	h, logits, err := j.look(net, x)
	if err != nil {
		return v, err
	}
	if v.Distance, err = metric.Frechet(h, j.real, features); err != nil {
		return v, err
	}
	v.Classes, v.Confidence = classesOf(logits, len(j.images.train.Classes))
	return v, nil
}

// look returns the features and the logits of images, an image's after another's.
func (j *judge) look(net models.Network, x []float32) (h, logits []float32, err error) {
	out, err := j.predictor.Predict(net, x)
	if err != nil {
		return nil, nil, err
	}
	row := features + len(j.images.train.Classes)
	for ; len(out) > 0; out = out[row:] {
		h, logits = append(h, out[:features]...), append(logits, out[features:row]...)
	}
	return h, logits, nil
}

// classesOf returns the exponential of the entropy of the classes with the greatest
// logits, and the mean of their probabilities.
func classesOf(logits []float32, classes int) (effective, confidence float64) {
	n := float64(len(logits) / classes)
	counts := make([]float64, classes)
	for ; len(logits) > 0; logits = logits[classes:] {
		row, best := logits[:classes], 0
		for k, z := range row {
			if z > row[best] {
				best = k
			}
		}
		sum := 0.0
		for _, z := range row {
			sum += math.Exp(float64(z - row[best]))
		}
		counts[best]++
		confidence += 1 / sum / n
	}
	entropy := 0.0
	for _, c := range counts {
		if c > 0 {
			entropy -= c / n * math.Log(c/n)
		}
	}
	return math.Exp(entropy), confidence
}
