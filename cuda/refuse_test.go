package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestRefuse has gorgonia itself for the package that is refused: ops/nn does not
// compile without cuDNN.
func TestRefuse(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(3), gorgonia.WithName("x"))
	require.NoError(t, refuse(g, "gorgonia.org/gorgonia"), "inputs have no operation")
	gorgonia.Must(gorgonia.Tanh(x))
	gorgonia.Must(gorgonia.Sum(x))
	require.NoError(t, refuse(g, "gorgonia.org/gorgonia/ops/nn"))
	err := refuse(g, "gorgonia.org/gorgonia")
	require.ErrorContains(t, err, "of gorgonia.org/gorgonia, which computes wrong results on a GPU")
	require.ErrorContains(t, err, "Conv2D, MaxPool2D, BatchNorm, Dropout")
}
