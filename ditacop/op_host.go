//go:build !cuda

package ditacop

import "github.com/ditac-go/ditac/internal/gop"

// device returns the op's form for the GPU, which a build without the tag cuda has not.
func (a *Activation) device(opKind) gop.Device { return nil }

// deviceForm is what a build for GPUs keeps of the curves: here nothing.
type deviceForm struct{}

func newDeviceForm(spec) deviceForm { return deviceForm{} }
