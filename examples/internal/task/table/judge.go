package table

import (
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/metric"
	"github.com/ditac-go/ditac/models/train"
)

// judge adds the scores of a network to an outcome: those of the test, and then that of
// the rows to train on, as they were trained on.
func judge(o *sweep.Outcome, build train.Builder, network models.Network, r rows) error {
	out, seconds, err := task.Predict(build, network, r.test)
	if err != nil {
		return err
	}
	o.InferSeconds = seconds
	fit := train.R2()
	if r.test.Classes != nil {
		fit = train.Accuracy()
	}
	score, err := fit.Of(out, r.test.Y, r.test)
	if err != nil {
		return err
	}
	o.Scores = append(o.Scores, 100*score)
	if r.test.Classes != nil {
		if score, err = balanced(out, r.test); err != nil {
			return err
		}
		o.Scores = append(o.Scores, 100*score)
	}
	if out, _, err = task.Predict(build, network, r.kept); err != nil {
		return err
	}
	if score, err = fit.Of(out, r.kept.Y, r.kept); err != nil {
		return err
	}
	o.Scores = append(o.Scores, 100*score)
	return nil
}

// balanced is the mean over the classes that the set has of the part of a class's examples
// that the logits have right.
func balanced(logits []float32, s *data.Set) (float64, error) {
	said, err := metric.Argmax(logits, len(s.Classes), 1)
	if err != nil {
		return 0, err
	}
	m, err := metric.Confusion(said, s.Y, len(s.Classes))
	if err != nil {
		return 0, err
	}
	sum, classes := 0., 0.
	for k, row := range m {
		of := 0
		for _, n := range row {
			of += n
		}
		if of > 0 {
			sum += float64(row[k]) / float64(of)
			classes++
		}
	}
	return sum / classes, nil
}
