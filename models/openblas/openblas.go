//go:build openblas

package openblas

/*
void openblas_set_num_threads(int);
*/
import "C"

import (
	"os"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/netlib/blas/netlib"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	_ "go4.org/unsafe/assume-no-moving-gc" // lets Gorgonia start
)

func init() {
	if os.Getenv("OPENBLAS_NUM_THREADS") == "" {
		C.openblas_set_num_threads(1)
	}
	blas32.Use(netlib.Implementation{})
	blas64.Use(netlib.Implementation{})
	tensor.Use(netlib.Implementation{})
	gorgonia.Use(netlib.Implementation{})
}

// Name returns what multiplies matrices: "gonum", or with the build tag openblas
// "openblas".
func Name() string { return "openblas" }
