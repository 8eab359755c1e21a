package task

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
)

// Counted returns an observer that calls progress after each step.
func Counted(progress func()) train.Observer {
	return train.ObserverFunc(func(e train.Event) error {
		if e.Kind == train.Stepped {
			progress()
		}
		return nil
	})
}

// predictBatch is the number of examples that Predict evaluates at a time.
const predictBatch = 1024

// Predict returns a network's outputs for a set, and the seconds that they take.
func Predict(build train.Builder, network models.Network, s *data.Set) (out []float32, seconds float64, err error) {
	return PredictBatches(build, network, s, predictBatch)
}

// PredictBatches is Predict with at most a number of examples at a time, for networks that
// need much memory for each.
func PredictBatches(build train.Builder, network models.Network, s *data.Set, batch int) (out []float32, seconds float64, err error) {
	p, err := train.NewPredictor(build, s.XShape, min(s.Len(), batch))
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	seconds, err = cli.Quickest(func() (err error) {
		out, err = p.Predict(network, s.X)
		return err
	})
	return out, seconds, err
}

// Hash returns the SHA-256 of the numbers of sets, for a task's settings.
func Hash(sets ...*data.Set) string {
	h := sha256.New()
	for _, s := range sets {
		for _, x := range [][]float32{s.X, s.Y} {
			_ = binary.Write(h, binary.LittleEndian, x) // a hash takes all
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
