package train

import (
	"testing"

	"github.com/ditac-go/ditac/models"
	"github.com/stretchr/testify/require"
)

// TestEvaluator: the loss is that which Fit reports of Valid, bit for bit.
func TestEvaluator(t *testing.T) {
	c := small()
	r := fitOf(t, c)
	e, err := NewEvaluator(c.Network, c.Loss, c.Valid, c.Batch)
	require.NoError(t, err)
	for range 2 {
		loss, err := e.Loss(r.Network)
		require.NoError(t, err)
		require.Equal(t, r.History[len(r.History)-1].ValidLoss, loss)
	}
	require.NoError(t, e.Close())
	_, err = e.Loss(r.Network)
	require.ErrorContains(t, err, "train: Evaluator.Loss: the Predictor is closed")
}

func TestEvaluatorErrors(t *testing.T) {
	c := small()
	_, err := NewEvaluator(nil, c.Loss, c.Valid, 0)
	require.ErrorContains(t, err, "train: NewEvaluator: network is nil")
	_, err = NewEvaluator(c.Network, nil, c.Valid, 0)
	require.ErrorContains(t, err, "loss is nil")
	_, err = NewEvaluator(c.Network, c.Loss, nil, 0)
	require.ErrorContains(t, err, "the set is nil")
	_, err = NewEvaluator(c.Network, c.Loss, c.Valid, -1)
	require.ErrorContains(t, err, "batch is -1")
	_, err = new(Evaluator).Loss(nil)
	require.ErrorContains(t, err, "not made by NewEvaluator")
	require.NoError(t, new(Evaluator).Close())
	e, err := NewEvaluator(c.Network, models.CrossEntropy, c.Valid, 0)
	require.NoError(t, err)
	defer e.Close()
	_, err = e.Loss(nil)
	require.ErrorContains(t, err, "from is nil")
}
