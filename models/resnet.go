package models

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// ResNetConfig describes a small residual network for images. It may have up to 2²⁸
// weights.
type ResNetConfig struct {
	// Channels, Height and Width are those of the images; 0 means 3, 32 and 32.
	Channels, Height, Width int
	// Widths are the numbers of channels of the stages, from each to the next of which
	// height and width halve; nil means 16, 32 and 64. Height and Width must be divisible by
	// 2 for every stage but the first.
	Widths []int
	// Blocks is the number of residual blocks of a stage; 0 means 1.
	Blocks int
	// Classes is the number of outputs; 0 means 10.
	Classes int
	// Activation makes the activations: one behind the first convolution, and two of each
	// block.
	Activation Maker
	// Dtype is tensor.Float32, the default, or tensor.Float64.
	Dtype tensor.Dtype
	// Seed determines the initial weights.
	Seed uint64
	// Name is the prefix of the names of all learnables, "resnet" by default.
	Name string
	// Mode is that of the batch normalisations.
	Mode Mode
}

// ResNet is a residual network after He et al., "Deep Residual Learning for Image
// Recognition", 2016, section 4.2: a 3×3 convolution; stages of blocks, each two 3×3
// convolutions to whose result the block's input is added, by a 1×1 convolution where the
// shapes differ; the means over height and width; a linear layer. A batch normalisation
// follows every convolution.
type ResNet struct {
	base
	cfg    ResNetConfig
	stem   *unit
	blocks []residual
	out    *linear
}

// residual is a block; short is nil where the input is added as it is.
type residual struct{ first, second, short *unit }

var _ Network = (*ResNet)(nil)

// NewResNet makes a network in the graph g. Weights start as those of [NewLeNet].
func NewResNet(g *gorgonia.ExprGraph, cfg ResNetConfig) (*ResNet, error) {
	n, err := newResNet(g, cfg)
	if err != nil {
		return nil, fmt.Errorf("models: NewResNet: %w", err)
	}
	return n, nil
}

func newResNet(g *gorgonia.ExprGraph, cfg ResNetConfig) (*ResNet, error) {
	if cfg.Widths == nil {
		cfg.Widths = []int{16, 32, 64}
	}
	cfg.Widths = append([]int(nil), cfg.Widths...)
	for v, to := range map[*int]int{&cfg.Channels: 3, &cfg.Height: 32, &cfg.Width: 32, &cfg.Blocks: 1, &cfg.Classes: 10} {
		setDefault(v, to)
	}
	c := common{cfg.Activation, cfg.Dtype, cfg.Seed, cfg.Name, cfg.Mode}
	c.setDefaults("resnet")
	if len(cfg.Widths) < 1 || len(cfg.Widths) > 16 {
		return nil, fmt.Errorf("config: Widths %v, want 1 to 16 stages", cfg.Widths)
	}
	halved := 1 << (len(cfg.Widths) - 1)
	sizes := []size{{"Channels", cfg.Channels, 1}, {"Height", cfg.Height, halved}, {"Width", cfg.Width, halved}, {"Blocks", cfg.Blocks, 1}, {"Classes", cfg.Classes, 1}}
	for i, w := range cfg.Widths {
		sizes = append(sizes, size{fmt.Sprintf("Widths[%d]", i), w, 1})
	}
	if err := c.check(sizes...); err != nil {
		return nil, err
	}
	cfg.Dtype, cfg.Name = c.Dtype, c.Name
	n := &ResNet{cfg: cfg}
	return n, n.build(newBuilder(&n.base, g, c))
}

func (n *ResNet) build(b *builder) (err error) {
	in := n.cfg.Widths[0]
	if n.stem, err = b.unit(n.cfg.Channels, in, 3, ConvOptions{Pad: 1}, true); err != nil {
		return err
	}
	for stage, out := range n.cfg.Widths {
		for k := range n.cfg.Blocks {
			stride := 1
			if stage > 0 && k == 0 {
				stride = 2
			}
			r, err := b.residual(in, out, stride)
			if err != nil {
				return err
			}
			n.blocks = append(n.blocks, r)
			in = out
		}
	}
	n.out, err = b.linear(b.Name+".out", in, n.cfg.Classes)
	return err
}

func (b *builder) residual(in, out, stride int) (r residual, err error) {
	if r.first, err = b.unit(in, out, 3, ConvOptions{Stride: stride, Pad: 1}, true); err != nil {
		return r, err
	}
	name := b.next() + ".short"
	if r.second, err = b.unit(out, out, 3, ConvOptions{Pad: 1}, true); err != nil {
		return r, err
	}
	if in != out || stride != 1 {
		r.short, err = b.named(name, in, out, 1, ConvOptions{Stride: stride}, true)
	}
	return r, err
}

// Forward returns the logits, of shape (batch, classes), for the images x of shape
// (batch, channels, height, width).
func (n *ResNet) Forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.forward(x)
	if err != nil {
		return nil, fmt.Errorf("models: ResNet.Forward: %w", err)
	}
	return y, nil
}

func (n *ResNet) forward(x *gorgonia.Node) (*gorgonia.Node, error) {
	if n.out == nil {
		return nil, fmt.Errorf("the network was not made by NewResNet")
	}
	if err := checkInput(x, n.cfg.Dtype, n.cfg.Channels, n.cfg.Height, n.cfg.Width); err != nil {
		return nil, err
	}
	n.pre = nil
	x, err := n.through(n.stem, x)
	if err != nil {
		return nil, err
	}
	for k, r := range n.blocks {
		if x, err = n.block(r, x); err != nil {
			return nil, fmt.Errorf("block %d: %w", k, err)
		}
	}
	if x, err = GlobalAvgPool2D(x); err != nil {
		return nil, err
	}
	return n.out.forward(x)
}

func (n *ResNet) block(r residual, x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := n.through(r.first, x)
	if err == nil {
		y, err = r.second.forward(y)
	}
	if err == nil && r.short != nil {
		x, err = r.short.forward(x)
	}
	if err == nil {
		y, err = gorgonia.Add(y, x)
	}
	if err != nil {
		return nil, err
	}
	return n.activate(y)
}
