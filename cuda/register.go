//go:build cuda

package cuda

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/ditac-go/ditac/internal/ptx"
)

func init() {
	// After a run that failed, Gorgonia's Reset gives a tensor that two registers hold,
	// as those around a Reshape do, back to the pool twice, which then gives it out twice.
	tensor.DontUsePool()
	for _, m := range ptx.Modules() {
		gorgonia.AddToStdLib(m.Name, m.PTX, m.Functions)
	}
}
