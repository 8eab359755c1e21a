package openblas_test

import (
	"testing"

	"github.com/ditac-go/ditac/models/openblas"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// TestName: what the package says is what gonum uses, and it multiplies.
func TestName(t *testing.T) {
	_, plain := blas32.Implementation().(gonum.Implementation)
	require.Equal(t, map[bool]string{true: "gonum", false: "openblas"}[plain], openblas.Name())
	row := blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{3, 4}}
	product := blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{9}}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, row, row, 0, product)
	require.Equal(t, []float32{25}, product.Data)
}
