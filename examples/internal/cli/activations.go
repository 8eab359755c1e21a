package cli

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
)

// The activations that examples know beside the baselines of package models.
const (
	// Plain is ditacop.DiTAC as the flags say, with its defaults unless they do: the
	// swap, trained by one solver with everything else.
	Plain = "ditac"
	// Tuned is DiTAC with the settings of a search on the task of the paper's Figure 1:
	// 30 nodal cells on [−2,2], and θ at a quarter of the weights' rate.
	Tuned = "tuned"
	// Authors is DiTAC with the settings of its authors' code.
	Authors = "authors"
)

// Activations returns the names of all activations.
func Activations() []string { return append(models.Baselines(), Plain, Tuned, Authors) }

// Setting is an activation and how to train it.
type Setting struct {
	Maker models.Maker
	// ThetaRate is the learning rate of the activation's parameters in units of the
	// weights' one.
	ThetaRate float64
}

// Setting returns the setting of the named activation; its random numbers follow from
// the seed.
func (d *DiTAC) Setting(name string, seed uint64) (Setting, error) {
	switch name {
	case Plain:
		opts, err := d.Options(seed)
		return Setting{models.DiTAC(opts...), 1}, err
	case Tuned:
		return Setting{models.DiTAC(ditacop.WithCells(30), ditacop.WithDomain(-2, 2), ditacop.WithBasis(cpab.BasisNodal)), 0.25}, nil
	case Authors:
		return Setting{models.DiTAC(ditacop.WithAuthorsSettings(seed)), 1}, nil
	}
	maker, err := models.Baseline(name)
	return Setting{maker, 1}, err
}

// Try makes a network with each of the activations: a setting that none can have is to
// be noticed before the training, not in it.
func (d *DiTAC) Try(activations []string, network func(m models.Maker) error) error {
	for _, a := range activations {
		s, err := d.Setting(a, 0)
		if err == nil {
			err = network(s.Maker)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
	}
	return nil
}
