package cli

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The activations to which examples give settings of their own. The others are those of
// package models, by its names.
const (
	// Plain is ditacop.DiTAC as the flags say, with its defaults unless they do: the
	// swap, trained by one solver with everything else. No other activation heeds the
	// flags, but for -theta-lr and -lambda.
	Plain = "ditac"
	// Tuned is DiTAC with the settings of a search on the task of the paper's Figure 1:
	// 30 nodal cells on [−2,2], and θ at a quarter of the weights' rate.
	Tuned = "tuned"
	// Authors is DiTAC with the settings of its authors' code.
	Authors = "authors"
)

// Activations returns the names of all activations.
func Activations() []string { return append(models.Names(), Tuned, Authors) }

// Setting is an activation and how to train it.
type Setting struct {
	Maker models.Maker
	// ThetaRate is the learning rate of the activation's parameters in units of the
	// weights' one, unless ThetaLR, the rate itself, is not 0.
	ThetaRate, ThetaLR float64
	// Penalty says that the penalty of DiTAC activations is added to the cost: -lambda
	// was given.
	Penalty bool
	// Octaves and Chebyshev are those of a network of coordinates, see models.CoordConfig:
	// names such as relu+fourier3 say them.
	Octaves, Chebyshev int
}

// Rate returns the learning rate of the activation's parameters when that of the weights
// is rate.
func (s Setting) Rate(rate float64) float64 {
	if s.ThetaLR != 0 {
		return s.ThetaLR
	}
	return rate * s.ThetaRate
}

// Setting returns the setting of the named activation; its random numbers follow from
// the seed.
func (d *DiTAC) Setting(name string, seed uint64) (Setting, error) {
	s := Setting{ThetaRate: 1, ThetaLR: d.ThetaLR, Penalty: d.Lambda != 0}
	name, f, err := cutFeatures(name)
	if err != nil {
		return s, err
	}
	s.Octaves, s.Chebyshev = f.octaves, f.chebyshev
	switch name {
	case Plain:
		var opts []ditacop.Option
		opts, err = d.Options(seed)
		s.Maker = models.DiTAC(opts...)
		if d.PerChannel {
			s.Maker = models.DiTACPerChannel(opts...)
		}
	case Tuned:
		s.Maker, s.ThetaRate = models.DiTAC(ditacop.WithCells(30), ditacop.WithDomain(-2, 2), ditacop.WithBasis(cpab.BasisNodal)), 0.25
	case Authors:
		s.Maker = models.DiTAC(ditacop.WithAuthorsSettings(seed))
	default:
		if omega, ok := sineOf(name); ok {
			s.Maker = models.Sine(omega, omega)
			break
		}
		s.Maker, err = models.ByName(name)
	}
	return s, err
}

// Try makes each of the activations: a setting that none can have is to be noticed before
// the training, not in it.
func (d *DiTAC) Try(activations []string) error {
	if !(d.ThetaLR >= 0) || math.IsInf(d.ThetaLR, 0) {
		return fmt.Errorf("-theta-lr: %v, want a positive number, or 0 for that of -lr", d.ThetaLR)
	}
	for _, a := range activations {
		if _, err := d.make(a, 0); err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
	}
	return nil
}

// make makes an activation that stands alone.
func (d *DiTAC) make(name string, seed uint64) (models.Activation, error) {
	s, err := d.Setting(name, seed)
	if err != nil {
		return nil, err
	}
	return s.Maker(models.Place{Graph: gorgonia.NewGraph(), Dtype: tensor.Float32, Name: "activation", Channels: 1, Axis: 1})
}

// Learned returns the curve of the named activation, made for a run of the seed, with the
// parameters theta that it has learned: an activation of one group that is a DiTAC.
func (d *DiTAC) Learned(name string, seed uint64, theta []float32) (*curve.Exact, error) {
	a, err := d.make(name, seed)
	if err != nil {
		return nil, err
	}
	act, ok := a.(*ditacop.Activation)
	if !ok {
		return nil, fmt.Errorf("%s is no DiTAC", name)
	}
	state, err := act.State()
	if err != nil {
		return nil, err
	}
	if len(theta) != len(state.Theta) {
		return nil, fmt.Errorf("%s: %d parameters, want %d", name, len(theta), len(state.Theta))
	}
	for i, x := range theta {
		state.Theta[i] = float64(x)
	}
	if act, err = ditacop.FromState(gorgonia.NewGraph(), state); err != nil {
		return nil, err
	}
	return act.Exact(0)
}
