package train

import (
	"fmt"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
)

// Evaluator computes the loss of a network on a set, as Fit does for Config.Valid: in
// evaluation, without penalties. It keeps its graphs, for several networks of one Builder
// or for one whose numbers change. Use one in one goroutine.
type Evaluator struct {
	predictor *Predictor
	set       *data.Set
}

// NewEvaluator returns an evaluator of a loss on a set, which goes through it in batches of
// a size; 0 means 32, or all of a smaller set.
func NewEvaluator(network Builder, loss Loss, s *data.Set, batch int) (*Evaluator, error) {
	if loss == nil {
		return nil, fmt.Errorf("train: NewEvaluator: loss is nil")
	}
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("train: NewEvaluator: set: %w", err)
	}
	if network == nil {
		return nil, fmt.Errorf("train: NewEvaluator: network is nil")
	}
	if batch < 0 {
		return nil, fmt.Errorf("train: NewEvaluator: batch is %d, want at least 0", batch)
	}
	if batch == 0 {
		batch = min(defaultBatch, s.Len())
	}
	p := &Predictor{build: network, xshape: s.XShape, yshape: s.YShape, batch: batch, loss: loss}
	return &Evaluator{predictor: p, set: s}, nil
}

// Loss returns the mean of the losses of the batches, weighted by their sizes. The network
// is one that the same Builder made; it stays as it is.
func (e *Evaluator) Loss(from models.Network) (float64, error) {
	if e.predictor == nil {
		return 0, fmt.Errorf("train: Evaluator.Loss: the Evaluator was not made by NewEvaluator")
	}
	_, loss, err := e.predictor.run(from, e.set.X, e.set.Y)
	if err != nil {
		return 0, fmt.Errorf("train: Evaluator.Loss: %w", err)
	}
	return loss, nil
}

// Close frees the machines. Closing again does nothing.
func (e *Evaluator) Close() error {
	if e.predictor == nil {
		return nil
	}
	return e.predictor.Close()
}
