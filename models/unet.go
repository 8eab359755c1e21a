package models

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// UNetConfig describes a network from images to a class for each pixel. It may have up to
// 2²⁸ weights.
type UNetConfig struct {
	// Channels, Height and Width are those of the images; 0 means 3, 64 and 64. Height and
	// Width must be divisible by 2^Depth.
	Channels, Height, Width int
	// Width0 is the number of channels of the first level, which doubles from level to
	// level; 0 means 16.
	Width0 int
	// Depth is the number of times that height and width are halved; 0 means 3.
	Depth int
	// Classes is the number of outputs per pixel; 0 means 2.
	Classes int
	// Activation makes the activations, two of each level on the way down and two on the
	// way up.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights.
	Seed uint64
	// Name is the prefix of the names of all learnables, "unet" by default.
	Name string
	// Mode is that of the batch normalisations.
	Mode Mode
}

// UNet is a network after Ronneberger et al., "U-Net: Convolutional Networks for Biomedical
// Image Segmentation", 2015: on the way down two 3×3 convolutions per level and a 2×2 max
// pooling, on the way up nearest upsampling, the channels of the level on the way down
// beside it, and two 3×3 convolutions; at last a 1×1 convolution. Unlike there, convolutions
// keep the size, batch normalisations follow them, and upsampling has no weights.
type UNet struct {
	base
	cfg      UNetConfig
	down, up [][2]*unit // up from the deepest level
	out      *unit
}

var _ Network = (*UNet)(nil)

// NewUNet makes a network in the graph g. Weights start as those of [NewLeNet].
func NewUNet(g *gorgonia.ExprGraph, cfg UNetConfig) (*UNet, error) {
	n, err := newUNet(g, cfg)
	if err != nil {
		return nil, fmt.Errorf("models: NewUNet: %w", err)
	}
	return n, nil
}

func newUNet(g *gorgonia.ExprGraph, cfg UNetConfig) (*UNet, error) {
	for v, to := range map[*int]int{&cfg.Channels: 3, &cfg.Height: 64, &cfg.Width: 64, &cfg.Width0: 16, &cfg.Depth: 3, &cfg.Classes: 2} {
		setDefault(v, to)
	}
	c := common{cfg.Activation, cfg.Dtype, cfg.Seed, cfg.Name, cfg.Mode}
	c.setDefaults("unet")
	if cfg.Depth < 0 || cfg.Depth > 16 {
		return nil, fmt.Errorf("config: Depth is %d, want 1 to 16", cfg.Depth)
	}
	halved := 1 << cfg.Depth
	if err := c.check(size{"Channels", cfg.Channels, 1}, size{"Height", cfg.Height, halved}, size{"Width", cfg.Width, halved},
		size{"Width0", cfg.Width0, 1}, size{"Classes", cfg.Classes, 1}); err != nil {
		return nil, err
	}
	cfg.Dtype, cfg.Name = c.Dtype, c.Name
	n := &UNet{cfg: cfg}
	return n, n.build(newBuilder(&n.base, g, c))
}

func (n *UNet) build(b *builder) error {
	in := n.cfg.Channels
	for level := range n.cfg.Depth + 1 {
		p, err := b.pair(in, n.cfg.Width0<<level)
		if err != nil {
			return err
		}
		n.down = append(n.down, p)
		in = n.cfg.Width0 << level
	}
	for level := n.cfg.Depth - 1; level >= 0; level-- {
		out := n.cfg.Width0 << level
		p, err := b.pair(in+out, out)
		if err != nil {
			return err
		}
		n.up = append(n.up, p)
		in = out
	}
	var err error
	n.out, err = b.named(b.Name+".out", in, n.cfg.Classes, 1, ConvOptions{}, false)
	return err
}

// pair makes two units of 3×3 filters.
func (b *builder) pair(in, out int) (p [2]*unit, err error) {
	for i := range p {
		if p[i], err = b.unit(in, out, 3, ConvOptions{Pad: 1}, true); err != nil {
			return p, err
		}
		in = out
	}
	return p, nil
}

// Forward returns the logits, of shape (batch, classes, height, width), for the images x
// of shape (batch, channels, height, width).
func (n *UNet) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: UNet.Forward: %w", err)
	}
	return y, nil
}

func (n *UNet) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if n.out == nil {
		return nil, fmt.Errorf("the network was not made by NewUNet")
	}
	if err := checkInput(x, n.cfg.Dtype, n.cfg.Channels, n.cfg.Height, n.cfg.Width); err != nil {
		return nil, err
	}
	n.pre = nil
	var skips gorgonia.Nodes
	var err error
	for level, p := range n.down {
		if level > 0 {
			if x, err = MaxPool2D(x, 2, 2); err != nil {
				return nil, err
			}
		}
		if x, err = n.both(p, x); err != nil {
			return nil, fmt.Errorf("level %d on the way down: %w", level, err)
		}
		skips = append(skips, x)
	}
	for k, p := range n.up {
		level := len(n.up) - 1 - k
		if x, err = Upsample2D(x, 2); err == nil {
			x, err = concatChannels(skips[level], x)
		}
		if err == nil {
			x, err = n.both(p, x)
		}
		if err != nil {
			return nil, fmt.Errorf("level %d on the way up: %w", level, err)
		}
	}
	return n.out.forward(x)
}

// both applies a pair of units and their activations.
func (b *base) both(p [2]*unit, x *gorgonia.Node) (*gorgonia.Node, error) {
	x, err := b.through(p[0], x)
	if err != nil {
		return nil, err
	}
	return b.through(p[1], x)
}
