//go:build !cuda

package models

import "github.com/ditac-go/ditac/internal/gop"

// The forms of operations for the GPU. There are none in this build.

func linearDevice() gop.Device                { return nil }
func linearDxDevice() gop.Device              { return nil }
func linearDwDevice() gop.Device              { return nil }
func biasGradientDevice() gop.Device          { return nil }
func (ConvOptions) device() gop.Device        { return nil }
func (ConvOptions) dxDevice() gop.Device      { return nil }
func (ConvOptions) dfilterDevice() gop.Device { return nil }
func channelSumsDevice() gop.Device           { return nil }
func planeMeansDevice() gop.Device            { return nil }
func planeMeansDxDevice() gop.Device          { return nil }
func (elementwise) device() gop.Device        { return nil }
func (elementwise) slopeDevice() gop.Device   { return nil }
func crossEntropyDevice() gop.Device          { return nil }
func crossEntropySlopeDevice() gop.Device     { return nil }
func (pooling) device() gop.Device            { return nil }
func (pooling) slopeDevice() gop.Device       { return nil }
