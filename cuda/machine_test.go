package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/ditac-go/ditac/cuda"
)

func TestNewTapeMachineErrors(t *testing.T) {
	_, err := cuda.NewTapeMachine(nil)
	require.ErrorContains(t, err, "g is nil")
	_, err = cuda.NewTapeMachine(gorgonia.NewGraph())
	require.ErrorContains(t, err, "Cannot compile an empty graph")
}
