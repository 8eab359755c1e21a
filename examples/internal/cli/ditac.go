package cli

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
)

// DiTAC are the settings of a DiTAC activation as flags give them.
type DiTAC struct {
	Variant string
	Cells   int
	Domain  string // "a,b", or "" for the variant's default
	Basis   string
	Init    string // "identity" or "prior"
	Lambda  float64
	// Tolerance is that of the tables; see ditacop.WithTolerance.
	Tolerance float64

	PriorLengthScale, PriorScale float64
}

// Register adds the flags to f; the values that d has are the defaults.
func (d *DiTAC) Register(f *flag.FlagSet) {
	f.StringVar(&d.Variant, "variant", d.Variant, "`variant` of DiTAC: ditac, leaky, ge, infinite or plain")
	f.IntVar(&d.Cells, "cells", d.Cells, "number of `cells` of DiTAC; it has cells−1 parameters (infinite: cells+1)")
	f.StringVar(&d.Domain, "domain", d.Domain, "domain `a,b` on which DiTAC is trained; empty for the variant's default")
	f.StringVar(&d.Basis, "basis", d.Basis, "`basis` of DiTAC's velocity fields: qr, svd, rref, sparse or nodal")
	f.StringVar(&d.Init, "init", d.Init, "`initial` θ: identity, or prior for a sample that depends on the seed")
	f.Float64Var(&d.PriorLengthScale, "init-length-scale", d.PriorLengthScale, "`length scale` of the prior that -init prior samples, in domain widths/cells")
	f.Float64Var(&d.PriorScale, "init-scale", d.PriorScale, "`scale` of the prior that -init prior samples")
	f.Float64Var(&d.Tolerance, "tolerance", d.Tolerance, "largest `error` of DiTAC's tables in widths of the domain; a larger one costs less time per step")
	f.Float64Var(&d.Lambda, "lambda", d.Lambda, "weight `λ` of the smoothness penalty λ·θᵀΣ⁻¹θ; 0 for none")
}

// Options returns the options of an activation whose prior sample, if it asks
// for one, has the given seed. An error names the flag.
func (d *DiTAC) Options(seed uint64) ([]ditacop.Option, error) {
	v, err := curve.ParseVariant(d.Variant)
	if err != nil {
		return nil, fmt.Errorf("-variant: %w", err)
	}
	b, err := cpab.ParseBasis(d.Basis)
	if err != nil {
		return nil, fmt.Errorf("-basis: %w", err)
	}
	opts := []ditacop.Option{
		ditacop.WithVariant(v), ditacop.WithBasis(b), ditacop.WithCells(d.Cells),
		ditacop.WithPenalty(d.Lambda, 5, 1), // the authors' prior of the penalty
		ditacop.WithTolerance(d.Tolerance),
	}
	if d.Domain != "" {
		lo, hi, err := parsePair(d.Domain)
		if err != nil {
			return nil, fmt.Errorf("-domain: %w", err)
		}
		if v == ditacop.VariantGE {
			lo = 0 // the part of the domain that it has
		}
		opts = append(opts, ditacop.WithDomain(lo, hi))
	}
	switch d.Init {
	case "identity":
		opts = append(opts, ditacop.WithInit(ditacop.Identity()))
	case "prior":
		opts = append(opts, ditacop.WithInit(ditacop.PriorSample(seed, d.PriorLengthScale, d.PriorScale)))
	default:
		return nil, fmt.Errorf("-init: %q, want identity or prior", d.Init)
	}
	return opts, nil
}

// Maker returns the maker of such activations.
func (d *DiTAC) Maker(seed uint64) (models.Maker, error) {
	opts, err := d.Options(seed)
	if err != nil {
		return nil, err
	}
	return models.DiTAC(opts...), nil
}

func parsePair(s string) (a, b float64, err error) {
	left, right, ok := strings.Cut(s, ",")
	if ok {
		if a, err = strconv.ParseFloat(strings.TrimSpace(left), 64); err == nil {
			b, err = strconv.ParseFloat(strings.TrimSpace(right), 64)
		}
	}
	if !ok || err != nil {
		return 0, 0, fmt.Errorf("%q, want two numbers such as -2,2", s)
	}
	return a, b, nil
}
