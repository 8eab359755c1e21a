package openblas_test

import (
	"fmt"

	"github.com/ditac-go/ditac/models/openblas"
)

func ExampleName() {
	switch openblas.Name() {
	case "gonum", "openblas":
		fmt.Println("products of matrices have an owner")
	}
	// Output: products of matrices have an owner
}
