package generation

import (
	"fmt"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
)

// discriminatorSeed makes the seed of the discriminator's weights another one than that of
// the generator's.
const discriminatorSeed = 0x9e3779b97f4a7c15

// Activations of the discriminator that are not those of the generator.
const (
	same  = "same"  // the generator's
	dcgan = "dcgan" // leaky ReLU of slope 0.2, as in DCGAN
)

// dcganSlope is the slope below 0 of the discriminator's activations in DCGAN.
const dcganSlope = 0.2

// discriminatorMaker returns what makes the discriminator's activations beside a generator
// with the given ones.
func discriminatorMaker(name string, generator cli.Setting) (models.Maker, error) {
	switch name {
	case same:
		return generator.Maker, nil
	case dcgan:
		return newLeaky, nil
	}
	return nil, fmt.Errorf("-discriminator: %q, want %s or %s", name, same, dcgan)
}

// leaky is 0.2·x + 0.8·max(x, 0).
type leaky struct{ relu models.Activation }

func newLeaky(p models.Place) (models.Activation, error) {
	m, err := models.Baseline("relu")
	if err != nil {
		return nil, err
	}
	relu, err := m(p)
	return leaky{relu}, err
}

// Apply implements models.Activation.
func (l leaky) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := l.relu.Apply(x)
	if err == nil {
		y, err = gorgonia.Mul(y, gorgonia.NewConstant(float32(1-dcganSlope)))
	}
	if err == nil {
		x, err = gorgonia.Mul(x, gorgonia.NewConstant(float32(dcganSlope)))
	}
	if err != nil {
		return nil, err
	}
	return gorgonia.Add(x, y)
}

// Learnables implements models.Activation.
func (l leaky) Learnables() gorgonia.Nodes { return nil }

// buildGenerator makes the generator in a graph.
func (c config) buildGenerator(g *gorgonia.ExprGraph, mode models.Mode) (models.Network, error) {
	return models.NewGenerator(g, models.GeneratorConfig{
		Latent: c.Latent, Size: c.Size, Channels: c.Channels, Width: c.Width, Activation: c.Generator, Seed: c.Seed, Mode: mode,
	})
}

// buildDiscriminator makes the discriminator in a graph, which is for training always.
func (c config) buildDiscriminator(g *gorgonia.ExprGraph) (models.Network, error) {
	return models.NewDiscriminator(g, models.DiscriminatorConfig{
		Size: c.Size, Channels: c.Channels, Width: c.Width, Activation: c.Discriminator, Seed: c.Seed ^ discriminatorSeed,
	})
}
