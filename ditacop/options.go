package ditacop

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/table"
)

// Variant says how the activation uses the transformation; see the constants.
type Variant = curve.Variant

// The variants of the activation. T is the CPAB transformation of the domain
// [a,b], x̃ is T(x) on the domain and x outside, Φ is the standard normal
// distribution function.
const (
	// VariantDiTAC is x̃·Φ(x), which starts as GELU. The default.
	VariantDiTAC = curve.DiTAC
	// VariantLeaky is x̃ through a leaky ReLU.
	VariantLeaky = curve.Leaky
	// VariantGE is GELU for x < 0, T on [0,b], the identity above.
	VariantGE = curve.GE
	// VariantInfinite is T(x)·Φ(x) with T over the whole line, affine beyond the
	// domain.
	VariantInfinite = curve.Infinite
	// VariantPlain is x̃.
	VariantPlain = curve.Plain
	// VariantAmplified is x̃·Φ(x) with x̃ = x + α·(T(x) − x) on the domain: the displacement
	// amplified by α, which is learned from 1 (one parameter more) or fixed; see
	// WithAmplification. It starts as GELU, is VariantDiTAC for α = 1, and is ours, not the
	// paper's.
	VariantAmplified = curve.Amplified
)

// Defaults of the options, made for one solver that trains everything: with the basis
// [cpab.BasisHat] and this many cells, on the authors' domain [−3,3], θ learns well at
// any learning rate at which the weights do, as the README's table shows.
// [WithAuthorsSettings] has the authors' settings.
const (
	// DefaultCells is where more cells stop to pay on the task of the paper's Figure 1:
	// fewer take less time per step, and ask for a better chosen rate.
	DefaultCells         = 60
	DefaultNegativeSlope = curve.DefaultNegativeSlope
	// DefaultTolerance is that of [WithTolerance].
	DefaultTolerance = table.DefaultTolerance
	// DefaultLambda weighs the penalty: the authors' 0.1 divided by 9, their 10 cells less
	// one, because their gradient multiplies the data term by cells−1.
	DefaultLambda = 0.1 / 9
)

// MaxParameters is the largest number of parameters of one activation: the
// number of θ times the parameters of each.
const MaxParameters = 1 << 22

// settings are what the options set.
type settings struct {
	name      string
	variant   Variant
	cells     int
	domain    *[2]float64
	boundary  *cpab.Boundary
	basis     cpab.Basis
	matrix    []float64
	slope     float64
	amp       curve.Option // of the amplification; nil: the variant's default
	init      Init
	sharing   sharing
	lambda    float64
	penaltyLS float64
	penaltySD float64
	tolerance float64
}

func defaults() settings {
	return settings{
		cells: DefaultCells, basis: cpab.BasisHat, slope: DefaultNegativeSlope, init: Identity(),
		lambda: DefaultLambda, penaltyLS: 5, penaltySD: 1, tolerance: DefaultTolerance,
	}
}

// sharing says which elements of x share a θ.
type sharing struct {
	kind   sharingKind
	axis   int // of the channels, but for oneTheta
	groups int // for perGroup
}

type sharingKind byte

const (
	oneTheta   sharingKind = iota // all elements
	perChannel                    // those of a channel
	perGroup                      // those of a group of channels
)

// check reports a bad argument of WithPerChannel or WithGroups.
func (s sharing) check() error {
	switch {
	case s.kind == perChannel && s.axis < 0:
		return fmt.Errorf("WithPerChannel: axis = %d, want 0 or more", s.axis)
	case s.kind == perGroup && s.axis < 0:
		return fmt.Errorf("WithGroups: axis = %d, want 0 or more", s.axis)
	case s.kind == perGroup && s.groups < 1:
		return fmt.Errorf("WithGroups: groups = %d, want 1 or more", s.groups)
	}
	return nil
}

// Option changes a default of DiTAC or New.
type Option func(*settings)

// WithName sets the activation's name, from which its learnables take theirs.
// It must be unique in the graph. The default is ditac1, ditac2 and so on.
func WithName(name string) Option { return func(s *settings) { s.name = name } }

// WithVariant sets the variant; the default is VariantDiTAC.
func WithVariant(v Variant) Option { return func(s *settings) { s.variant = v } }

// WithCells sets the number of cells; the default is DefaultCells. An
// activation has cells−1 parameters (cells+1 with free boundary), and one more if
// VariantAmplified learns its amplification.
func WithCells(cells int) Option { return func(s *settings) { s.cells = cells } }

// WithDomain sets the domain [a,b] on which the activation is trained; the
// default is [−3,3], the authors', and [0,3] for VariantGE. Choose it to cover most of the
// inputs that the activation sees.
func WithDomain(a, b float64) Option {
	return func(s *settings) { s.domain = &[2]float64{a, b} }
}

// WithBoundary sets the boundary condition; the default is cpab.FreeBoundary
// for VariantInfinite and cpab.ZeroBoundary for the others. With free ends the
// other variants may jump at the ends of the domain.
func WithBoundary(b cpab.Boundary) Option { return func(s *settings) { s.boundary = &b } }

// WithBasis sets the basis of the velocity fields; the default is cpab.BasisHat.
// Other bases ask for other learning rates of θ: see [NewSplitSolver].
func WithBasis(b cpab.Basis) Option {
	return func(s *settings) { s.basis, s.matrix = b, nil }
}

// WithBasisMatrix sets a basis of the user's own; see [cpab.WithBasisMatrix].
func WithBasisMatrix(b []float64) Option {
	return func(s *settings) { s.matrix = append([]float64{}, b...) }
}

// WithNegativeSlope sets VariantLeaky's slope for negative values; the default
// is DefaultNegativeSlope.
func WithNegativeSlope(slope float64) Option { return func(s *settings) { s.slope = slope } }

// WithAmplification fixes the amplification α of VariantAmplified, from 1/1024 to 1024.
// Other variants have none, and the option is an error with them. A step of θ moves the
// curve α times as far: for a large α choose a basis of small functions, as
// [cpab.BasisBump] is for 16.
func WithAmplification(alpha float64) Option {
	return func(s *settings) { s.amp = curve.WithAmplification(alpha) }
}

// WithLearnedAmplification has VariantAmplified learn its amplification with θ, from a
// start: the last component of θ, one more than otherwise, is α − start, for each group.
// This is the default, with start 1.
func WithLearnedAmplification(start float64) Option {
	return func(s *settings) { s.amp = curve.WithLearnedAmplification(start) }
}

// WithInit sets the initial θ; the default is Identity().
func WithInit(i Init) Option { return func(s *settings) { s.init = i } }

// WithPerChannel gives every channel along the axis of x a θ of its own. For
// images in Gorgonia's layout (batch, channels, height, width) the axis is 1.
// DiTAC learns the number of channels from x; New needs WithGroups instead.
func WithPerChannel(axis int) Option {
	return func(s *settings) { s.sharing = sharing{kind: perChannel, axis: axis} }
}

// WithGroups divides the channels along the axis of x into equal groups of
// neighbours with one θ each. groups must divide the number of channels; groups
// equal to the number of channels is one θ per channel. All θ together may have
// [MaxParameters] numbers.
func WithGroups(axis, groups int) Option {
	return func(s *settings) { s.sharing = sharing{perGroup, axis, groups} }
}

// WithPenalty sets the weight λ of the penalty and the length scale and scale of
// its prior ([cpab.KernelRows]); the defaults are DefaultLambda, 5 and 1. The
// penalty counts only where the graph's cost includes [Activation.Penalty].
func WithPenalty(lambda, lengthScale, scale float64) Option {
	return func(s *settings) { s.lambda, s.penaltyLS, s.penaltySD = lambda, lengthScale, scale }
}

// WithTolerance sets the largest error of the tables from which large float32
// tensors are evaluated, relative to the width of the domain; the default is
// [DefaultTolerance], 1e-6. The rounding of float32 comes on top. float64
// tensors and small tensors are evaluated in closed form, and so are all on a GPU.
func WithTolerance(tol float64) Option { return func(s *settings) { s.tolerance = tol } }

// curve returns the curve that the settings describe.
func (s *settings) curve() (*curve.Curve, error) {
	a, b := s.variant.DefaultDomain()
	if s.domain != nil {
		a, b = s.domain[0], s.domain[1]
	}
	boundary := s.variant.DefaultBoundary()
	if s.boundary != nil {
		boundary = *s.boundary
	}
	opts := []cpab.Option{cpab.WithDomain(a, b), cpab.WithBoundary(boundary), cpab.WithBasis(s.basis)}
	if s.matrix != nil {
		opts = append(opts, cpab.WithBasisMatrix(s.matrix))
	}
	space, err := cpab.NewSpace(s.cells, opts...)
	if err != nil {
		return nil, err
	}
	if space.Dim() == 0 {
		return nil, fmt.Errorf("cells = %d with zero boundary leaves no parameter, want at least 2", s.cells)
	}
	shape := []curve.Option{curve.WithNegativeSlope(s.slope)}
	if s.amp != nil {
		shape = append(shape, s.amp)
	}
	return curve.New(space, s.variant, shape...)
}

// check reports settings that no curve and no prior would.
func (s *settings) check() error {
	if !(s.lambda >= 0) || math.IsInf(s.lambda, 0) {
		return fmt.Errorf("penalty weight lambda = %v, want a number that is not negative", s.lambda)
	}
	if !(s.tolerance > 0) || math.IsInf(s.tolerance, 0) {
		return fmt.Errorf("tolerance = %v, want a positive number", s.tolerance)
	}
	if !(s.penaltyLS > 0) || math.IsInf(s.penaltyLS, 0) {
		return fmt.Errorf("penalty length scale = %v, want a positive number", s.penaltyLS)
	}
	if !(s.penaltySD > 0) || math.IsInf(s.penaltySD, 0) {
		return fmt.Errorf("penalty scale = %v, want a positive number", s.penaltySD)
	}
	return s.sharing.check()
}
