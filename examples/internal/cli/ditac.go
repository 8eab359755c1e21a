package cli

import (
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
)

// DiTAC are the settings of a DiTAC activation as flags give them. What is empty or 0
// is left to the defaults of package ditacop.
type DiTAC struct {
	Variant string
	// Amplification is that of the variant amplified; 0: learned from 1.
	Amplification float64
	// PerChannel gives each channel or unit a θ of its own.
	PerChannel bool `json:",omitempty"`

	Cells  int
	Domain string // "a,b"
	Basis  string
	Init   string // "identity" or "prior"
	Lambda float64
	// Tolerance is that of the tables; see ditacop.WithTolerance.
	Tolerance float64

	PriorLengthScale, PriorScale float64

	// ThetaLR is the learning rate of the parameters of any activation; 0 for that of
	// its setting.
	ThetaLR float64
}

// Register adds the flags to f; the values that d has are the defaults.
func (d *DiTAC) Register(f *flag.FlagSet) {
	f.StringVar(&d.Variant, "variant", d.Variant, "`variant` of DiTAC: ditac, leaky, ge, infinite, plain or amplified; empty for the package's default")
	f.BoolVar(&d.PerChannel, "per-channel", d.PerChannel, "give each channel or unit of a layer a θ of its own")
	f.Float64Var(&d.Amplification, "amplification", d.Amplification, "amplification `α` of -variant amplified; 0 to learn it, from 1")
	f.IntVar(&d.Cells, "cells", d.Cells, "number of `cells` of DiTAC, which has cells−1 parameters (infinite: cells+1); 0 for the package's default")
	f.StringVar(&d.Domain, "domain", d.Domain, "domain `a,b` on which DiTAC is trained; empty for the package's default")
	f.StringVar(&d.Basis, "basis", d.Basis, "`basis` of DiTAC's velocity fields: hat, bump, nodal, sparse, qr, svd or rref; empty for the package's default")
	f.StringVar(&d.Init, "init", d.Init, "`initial` θ: identity, or prior for a sample that depends on the seed; empty for the package's default")
	f.Float64Var(&d.PriorLengthScale, "init-length-scale", 3, "`length scale` of the prior that -init prior samples, in domain widths/cells")
	f.Float64Var(&d.PriorScale, "init-scale", 2, "`scale` of the prior that -init prior samples")
	f.Float64Var(&d.Tolerance, "tolerance", d.Tolerance, "largest `error` of DiTAC's tables in widths of the domain, a larger one costs less time per step; 0 for the package's default")
	f.Float64Var(&d.ThetaLR, "theta-lr", d.ThetaLR, "learning `rate` of Adam for the parameters of activations; 0 for that of -lr (a quarter of it for tuned)")
	f.Float64Var(&d.Lambda, "lambda", d.Lambda, "weight `λ` of the smoothness penalty λ·θᵀΣ⁻¹θ; 0 for none")
}

// Options returns the options of an activation whose prior sample, if it asks
// for one, has the given seed. An error names the flag.
func (d *DiTAC) Options(seed uint64) ([]ditacop.Option, error) {
	var opts []ditacop.Option
	var v ditacop.Variant
	var err error
	if d.Variant != "" {
		if v, err = curve.ParseVariant(d.Variant); err != nil {
			return nil, fmt.Errorf("-variant: %w", err)
		}
		opts = append(opts, ditacop.WithVariant(v))
	}
	if d.Amplification != 0 {
		opts = append(opts, ditacop.WithAmplification(d.Amplification))
	}
	if d.Basis != "" {
		b, err := cpab.ParseBasis(d.Basis)
		if err != nil {
			return nil, fmt.Errorf("-basis: %w", err)
		}
		opts = append(opts, ditacop.WithBasis(b))
	}
	if d.Cells != 0 {
		opts = append(opts, ditacop.WithCells(d.Cells))
	}
	if d.Tolerance != 0 {
		opts = append(opts, ditacop.WithTolerance(d.Tolerance))
	}
	if d.Lambda != 0 {
		opts = append(opts, ditacop.WithPenalty(d.Lambda, 5, 1)) // the authors' prior of the penalty
	}
	if d.Domain != "" {
		lo, hi, err := parsePair(d.Domain)
		if err != nil {
			return nil, fmt.Errorf("-domain: %w", err)
		}
		if from, _ := v.DefaultDomain(); from == 0 {
			lo = 0 // the part of the domain that the variant has
		}
		opts = append(opts, ditacop.WithDomain(lo, hi))
	}
	switch d.Init {
	case "":
	case "identity":
		opts = append(opts, ditacop.WithInit(ditacop.Identity()))
	case "prior":
		opts = append(opts, ditacop.WithInit(ditacop.PriorSample(seed, d.PriorLengthScale, d.PriorScale)))
	default:
		return nil, fmt.Errorf("-init: %q, want identity or prior", d.Init)
	}
	return opts, nil
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
