//go:build cuda

package cuda

import (
	"gorgonia.org/gorgonia"

	"github.com/ditac-go/ditac/internal/ptx"
)

func init() {
	for _, m := range ptx.Modules() {
		gorgonia.AddToStdLib(m.Name, m.PTX, m.Functions)
	}
}
