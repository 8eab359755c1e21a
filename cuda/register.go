//go:build cuda

package cuda

import (
	"gorgonia.org/gorgonia"

	"github.com/ditac-go/ditac/cuda/kernels"
)

func init() {
	for _, m := range kernels.Modules() {
		gorgonia.AddToStdLib(m.Name, m.PTX, m.Functions)
	}
}
