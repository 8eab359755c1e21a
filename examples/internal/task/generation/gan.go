package generation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// config describes a pair of networks and how they are trained.
type config struct {
	Latent, Size, Channels, Width, Batch int
	// Generator and Discriminator make the activations.
	Generator, Discriminator models.Maker `json:"-"`
	// Rate is the learning rate of all weights, the others those of the activations'
	// parameters.
	Rate, GeneratorRate, DiscriminatorRate float64
	Seed                                   uint64
}

// gan trains a generator and a discriminator in turn. Gorgonia keeps one gradient for a
// node, so each has a graph:
//
//	noise → generator → critic → loss                    trains the generator
//	images, fakes → discriminator → loss                 trains the discriminator
//
// The critic is the discriminator as it was after the last step, copied; the fakes are
// what the generator made in this step, copied as plain numbers, so that no gradient goes
// from one network to the other. Both losses are thus those of the networks before the
// step: gradient descent for both at once, with as little to compute as there can be.
type gan struct {
	config
	steps  int // in all
	source *data.Batches

	generator, discriminator player
	critic                   models.Network

	noise, real, fake, labels []float32
	made                      gorgonia.Value // by the generator, in a step

	progress
}

// progress is what changes in training beside the networks and their solvers.
type progress struct {
	Step    int
	Losses  [][2]float64 // of generator and discriminator
	Frames  []float32    // images over time, those of each frame one after another
	Seconds float64
}

// player is a network that is trained.
type player struct {
	net     models.Network
	trainer *models.Trainer
	solvers []*models.Adam
}

// firstMoment is Adam's β₁, as in Radford et al., "Unsupervised Representation Learning
// with Deep Convolutional Generative Adversarial Networks", 2016, section 4: the usual 0.9
// made their training oscillate.
const firstMoment = 0.5

// newGAN makes networks that are to be trained for a number of steps on a set.
func newGAN(c config, set *data.Set, steps int) (*gan, error) {
	g := &gan{config: c, steps: steps}
	var err error
	if g.source, err = data.NewBatches(set, c.Batch, c.Seed); err != nil {
		return nil, err
	}
	g.labels = make([]float32, c.Batch*data.Size(set.YShape))
	if err := g.makeDiscriminator(); err != nil {
		return nil, fmt.Errorf("discriminator: %w", err)
	}
	if err := g.makeGenerator(); err != nil {
		return nil, errors.Join(fmt.Errorf("generator: %w", err), g.close())
	}
	return g, models.CopyNetwork(g.critic, g.discriminator.net)
}

// makeGenerator makes the graph that trains the generator, by the loss
// −log σ(D(G(z))) of Goodfellow et al., "Generative Adversarial Nets", 2014, section 3,
// whose gradient does not vanish while the discriminator is right.
func (g *gan) makeGenerator() error {
	graph := gorgonia.NewGraph()
	net, err := g.buildGenerator(graph, models.Training)
	if err != nil {
		return err
	}
	if g.critic, err = g.buildDiscriminator(graph); err != nil {
		return err
	}
	z, noise := input(graph, "noise", g.Batch, g.Latent)
	g.noise = noise
	made, err := net.Forward(z)
	if err != nil {
		return err
	}
	cost, err := against(g.critic, made, 1)
	if err != nil {
		return err
	}
	gorgonia.Read(made, &g.made)
	g.generator, err = newPlayer(net, cost, g.Rate, g.GeneratorRate)
	return err
}

// makeDiscriminator makes the graph that trains the discriminator, by its cross-entropy
// on images, which ought to get 1, and fakes, which ought to get 0. These are batches of
// their own, as batch normalisation mixes what is in one.
func (g *gan) makeDiscriminator() error {
	graph := gorgonia.NewGraph()
	net, err := g.buildDiscriminator(graph)
	if err != nil {
		return err
	}
	var cost *gorgonia.Node
	for _, part := range []struct {
		name   string
		memory *[]float32
		want   float32
	}{{"images", &g.real, 1}, {"fakes", &g.fake, 0}} {
		x, memory := input(graph, part.name, g.Batch, g.Channels, g.Size, g.Size)
		*part.memory = memory
		loss, err := against(net, x, part.want)
		if err != nil {
			return err
		}
		if cost == nil {
			cost = loss
		} else if cost, err = gorgonia.Add(cost, loss); err != nil {
			return err
		}
	}
	g.discriminator, err = newPlayer(net, cost, g.Rate, g.DiscriminatorRate)
	return err
}

// input makes an input of a graph and returns its memory too.
func input(g *gorgonia.ExprGraph, name string, shape ...int) (*gorgonia.Node, []float32) {
	v := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	return gorgonia.NodeFromAny(g, v, gorgonia.WithName(name)), v.Float32s()
}

// against returns the cross-entropy of a discriminator's outputs for x with a target
// that is the same for all of x.
func against(net models.Network, x *gorgonia.Node, target float32) (*gorgonia.Node, error) {
	logits, err := net.Forward(x)
	if err != nil {
		return nil, err
	}
	want, memory := input(x.Graph(), x.Name()+".target", logits.Shape()...)
	for i := range memory {
		memory[i] = target
	}
	return models.BinaryCrossEntropy(logits, want)
}

// newPlayer makes the trainer of a network's learnables, for a cost to which the
// penalties of its activations are added, those that have a λ.
func newPlayer(net models.Network, cost *gorgonia.Node, rate, activationRate float64) (player, error) {
	for _, a := range net.Activations() {
		d, ok := a.(*ditacop.Activation)
		if !ok || d.Lambda() == 0 {
			continue
		}
		penalty, err := d.Penalty()
		if err == nil {
			cost, err = gorgonia.Add(cost, penalty)
		}
		if err != nil {
			return player{}, err
		}
	}
	p := player{net: net}
	var groups []models.Group
	for _, group := range []models.Group{
		{Name: "weights", Nodes: net.Weights(), LearnRate: rate},
		{Name: "activation", Nodes: net.ActivationLearnables(), LearnRate: activationRate},
	} {
		adam := models.NewAdam(models.AdamOptions{Beta1: firstMoment})
		group.Solver = adam
		p.solvers, groups = append(p.solvers, adam), append(groups, group)
	}
	var err error
	p.trainer, err = models.NewTrainer(cost, groups...)
	return p, err
}

// next makes a step of both networks.
func (g *gan) next() error {
	began := time.Now()
	normal(g.noise, g.Seed, uint64(g.Step))
	lossG, err := g.generator.trainer.Step(g.Step, g.steps)
	if err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	fakes, err := values.Elements[float32](g.made)
	if err != nil {
		return err
	}
	copy(g.fake, fakes)
	if err := g.source.Fill(g.Step, g.real, g.labels); err != nil {
		return err
	}
	lossD, err := g.discriminator.trainer.Step(g.Step, g.steps)
	if err != nil {
		return fmt.Errorf("discriminator: %w", err)
	}
	if err := models.CopyNetwork(g.critic, g.discriminator.net); err != nil {
		return err
	}
	g.Losses = append(g.Losses, [2]float64{lossG, lossD})
	g.Step++
	g.Seconds += time.Since(began).Seconds()
	return nil
}

// normal fills z with standard normal numbers that follow from the seed and the step.
func normal(z []float32, seed, step uint64) {
	rng := rand.New(rand.NewPCG(seed, step))
	for i := range z {
		z[i] = float32(rng.NormFloat64())
	}
}

// close frees the machines.
func (g *gan) close() error {
	var errs []error
	for _, p := range []player{g.generator, g.discriminator} {
		if p.trainer != nil {
			errs = append(errs, p.trainer.Close())
		}
	}
	return errors.Join(errs...)
}
