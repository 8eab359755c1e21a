//go:build !cuda

package models

import (
	"github.com/ditac-go/ditac/internal/gop"
	"gorgonia.org/gorgonia"
)

// The forms of operations for the GPU. There are none in this build.

func linearDevice() gop.Device                 { return nil }
func linearDxDevice() gop.Device               { return nil }
func linearDwDevice() gop.Device               { return nil }
func biasGradientDevice() gop.Device           { return nil }
func (ConvOptions) device() gop.Device         { return nil }
func (ConvOptions) dxDevice() gop.Device       { return nil }
func (ConvOptions) dfilterDevice() gop.Device  { return nil }
func channelSumsDevice() gop.Device            { return nil }
func planeMeansDevice() gop.Device             { return nil }
func planeMeansDxDevice() gop.Device           { return nil }
func (elementwise) device() gop.Device         { return nil }
func (elementwise) slopeDevice() gop.Device    { return nil }
func (elementwise) paramDevice() gop.Device    { return nil }
func crossEntropyDevice() gop.Device           { return nil }
func crossEntropySlopeDevice() gop.Device      { return nil }
func (pooling) device() gop.Device             { return nil }
func (pooling) slopeDevice() gop.Device        { return nil }
func binaryDevice() gop.Device                 { return nil }
func binarySlopeDevice() gop.Device            { return nil }
func diceDevice() gop.Device                   { return nil }
func diceSlopeDevice() gop.Device              { return nil }
func meanDevice() gop.Device                   { return nil }
func meanDxDevice() gop.Device                 { return nil }
func (upsampling) device() gop.Device          { return nil }
func (upsampling) dxDevice() gop.Device        { return nil }
func concatDevice() gop.Device                 { return nil }
func concatDxDevice(int) gop.Device            { return nil }
func (normalisation) device() gop.Device       { return nil }
func (normalisation) dxDevice() gop.Device     { return nil }
func (normalisation) dscaleDevice() gop.Device { return nil }
func (normalisation) dshiftDevice() gop.Device { return nil }
func (*masks) device() gop.Device              { return nil }
func (*masks) dxDevice() gop.Device            { return nil }

// meanSquare is the mean of (pred − target)², as one op.
func meanSquare(pred, target *gorgonia.Node) (*gorgonia.Node, error) {
	return squaredError(pred.Dims()).Apply(pred, target)
}
