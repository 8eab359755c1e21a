package ditacop

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/internal/shape"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// State is all that an activation is: its settings and θ, as plain data for
// encoding/json, encoding/gob and the like. Activation.State gives it, FromState
// makes an activation of it. Encoded in JSON it keeps every bit of θ.
type State struct {
	Name          string     `json:"name"` // empty for FromState: ditac1, ditac2 and so on
	Dtype         string     `json:"dtype"`
	Variant       string     `json:"variant"`
	Domain        [2]float64 `json:"domain"`
	Cells         int        `json:"cells"`
	Boundary      string     `json:"boundary"`
	Basis         string     `json:"basis"`
	BasisMatrix   []float64  `json:"basis_matrix,omitempty"` // for the basis custom; see WithBasisMatrix
	NegativeSlope float64    `json:"negative_slope"`
	// Amplification is that of the variant amplified, or where it starts from if it is
	// learned; 0 for other variants, which have none.
	Amplification        float64 `json:"amplification,omitempty"`
	AmplificationLearned bool    `json:"amplification_learned,omitempty"`

	Axis   int `json:"axis"`   // of the channels; −1: one θ for all elements
	Groups int `json:"groups"` // number of θ

	Tolerance          float64 `json:"tolerance"`
	Lambda             float64 `json:"lambda"`
	PenaltyLengthScale float64 `json:"penalty_length_scale"`
	PenaltyScale       float64 `json:"penalty_scale"`

	Theta []float64 `json:"theta,omitempty"` // Groups × the parameters of one θ
}

// State returns the settings and the present θ. It reports a θ that has no value
// or a component that is not finite.
func (a *Activation) State() (State, error) {
	if err := a.made(); err != nil {
		return State{}, err
	}
	s := a.description()
	for g := range a.groups {
		theta, err := a.ThetaValues(g)
		if err != nil {
			return State{}, err
		}
		for k, x := range theta {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return State{}, fmt.Errorf("ditacop: %s: θ of group %d: theta[%d] = %v, want a finite number", a.name, g, k, x)
			}
		}
		s.Theta = append(s.Theta, theta...)
	}
	return s, nil
}

// description returns the State without θ.
func (s *spec) description() State {
	space := s.curve.Space()
	lo, hi := space.Domain()
	d := State{
		Name: s.name, Dtype: dtypeName(s.dt), Variant: s.curve.Variant().String(),
		Domain: [2]float64{lo, hi}, Cells: space.Cells(), Boundary: space.Boundary().String(), Basis: space.Basis().String(),
		NegativeSlope: s.curve.NegativeSlope(), Axis: s.axis, Groups: s.groups,
		Tolerance: s.tol, Lambda: s.lambda, PenaltyLengthScale: s.penaltyLS, PenaltyScale: s.penaltySD,
	}
	if s.curve.Variant() == VariantAmplified {
		d.Amplification, d.AmplificationLearned = s.curve.Amplification()
	}
	if space.Basis() == cpab.BasisCustom {
		d.BasisMatrix = space.BasisMatrix()
	}
	return d
}

// FromState makes the activation that s describes; its θ becomes a new node of the
// graph g. A field with a value that does not suit it or the others gets an error
// that names both, as does a name that is taken in the graph.
func FromState(g *gorgonia.ExprGraph, s State) (*Activation, error) {
	fail := func(err error) (*Activation, error) {
		return nil, fmt.Errorf("ditacop: FromState: activation %q: %w", s.Name, err)
	}
	dt, err := s.dtype()
	if err != nil {
		return fail(err)
	}
	set, err := s.settings()
	if err != nil {
		return fail(err)
	}
	a, err := newActivation(g, dt, set, s.Axis, s.Groups)
	if err != nil {
		return fail(err)
	}
	return a, nil
}

// dtype returns the dtype that s names.
func (s *State) dtype() (tensor.Dtype, error) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		if s.Dtype == dt.String() {
			return dt, nil
		}
	}
	return tensor.Dtype{}, fmt.Errorf("field Dtype = %q, want float32 or float64", s.Dtype)
}

// settings returns the settings that s describes, as the options give them. It
// checks what newActivation would not.
func (s *State) settings() (settings, error) {
	var set settings
	variant, err := curve.ParseVariant(s.Variant)
	if err != nil {
		return set, fmt.Errorf("field Variant = %q, want one of %v", s.Variant, curve.Variants())
	}
	boundary, err := s.boundary()
	if err != nil {
		return set, err
	}
	basis, err := s.basis()
	if err != nil {
		return set, err
	}
	if s.Axis < sharedAxis {
		return set, fmt.Errorf("field Axis = %d, want 0 or more, or %d for one θ", s.Axis, sharedAxis)
	}
	if s.Groups < 1 || s.Axis == sharedAxis && s.Groups != 1 {
		return set, fmt.Errorf("field Groups = %d with Axis = %d, want 1 or more, and 1 where the axis is %d", s.Groups, s.Axis, sharedAxis)
	}
	domain, theta := s.Domain, slices.Clone(s.Theta)
	set = settings{
		name: s.Name, variant: variant, cells: s.Cells, domain: &domain, boundary: &boundary, basis: basis, slope: s.NegativeSlope,
		lambda: s.Lambda, penaltyLS: s.PenaltyLengthScale, penaltySD: s.PenaltyScale, tolerance: s.Tolerance,
		init: Init{"saved", func(c *curve.Curve, groups int) ([]float64, error) {
			if d := c.Dim(); len(theta) != groups*d {
				return nil, fmt.Errorf("field Theta has %d numbers, want %d × %d", len(theta), groups, d)
			}
			return theta, nil
		}},
	}
	if basis == cpab.BasisCustom {
		set.matrix = append([]float64{}, s.BasisMatrix...)
	}
	if set.amp, err = s.amplification(variant); err != nil {
		return set, err
	}
	return set, set.check()
}

// amplification returns the option of the curve, nil if the variant has none.
func (s *State) amplification(v Variant) (curve.Option, error) {
	switch {
	case v != VariantAmplified && (s.Amplification != 0 || s.AmplificationLearned):
		return nil, fmt.Errorf("field Amplification = %v (learned: %v) with Variant = %q, want none", s.Amplification, s.AmplificationLearned, s.Variant)
	case v != VariantAmplified:
		return nil, nil
	case s.AmplificationLearned:
		return curve.WithLearnedAmplification(s.Amplification), nil
	}
	return curve.WithAmplification(s.Amplification), nil
}

func (s *State) boundary() (cpab.Boundary, error) {
	for _, b := range []cpab.Boundary{cpab.ZeroBoundary, cpab.FreeBoundary} {
		if s.Boundary == b.String() {
			return b, nil
		}
	}
	return 0, fmt.Errorf("field Boundary = %q, want zero or free", s.Boundary)
}

func (s *State) basis() (cpab.Basis, error) {
	if s.Basis == cpab.BasisCustom.String() {
		return cpab.BasisCustom, nil
	}
	b, err := cpab.ParseBasis(s.Basis)
	if err != nil {
		return 0, fmt.Errorf("field Basis = %q, which is none", s.Basis)
	}
	if len(s.BasisMatrix) > 0 {
		return 0, fmt.Errorf("field BasisMatrix has %d numbers, but Basis = %q, want custom", len(s.BasisMatrix), s.Basis)
	}
	return b, nil
}

// differs says in which setting that gives θ its meaning two activations differ,
// "" if in none: "basis is qr there, nodal here" for the names there and here. The
// tolerance and the penalty may differ.
func (s *State) differs(t *State, there, here string) string {
	say := func(what string, a, b any) string { return fmt.Sprintf("%s is %v %s, %v %s", what, a, there, b, here) }
	switch {
	case s.Dtype != t.Dtype:
		return say("dtype", s.Dtype, t.Dtype)
	case s.Variant != t.Variant:
		return say("variant", s.Variant, t.Variant)
	case s.Domain != t.Domain:
		return say("domain", s.Domain, t.Domain)
	case s.Cells != t.Cells:
		return say("number of cells", s.Cells, t.Cells)
	case s.Boundary != t.Boundary:
		return say("boundary", s.Boundary, t.Boundary)
	case s.Basis != t.Basis:
		return say("basis", s.Basis, t.Basis)
	case !slices.Equal(s.BasisMatrix, t.BasisMatrix):
		return fmt.Sprintf("basis matrix %s is another than %s", there, here)
	case usesSlope(s.Variant) && s.NegativeSlope != t.NegativeSlope:
		return say("negative slope", s.NegativeSlope, t.NegativeSlope)
	case s.AmplificationLearned != t.AmplificationLearned:
		return say("whether the amplification is learned", s.AmplificationLearned, t.AmplificationLearned)
	case s.Amplification != t.Amplification:
		return say("amplification", s.Amplification, t.Amplification)
	case s.Axis != t.Axis:
		return say("axis", s.Axis, t.Axis)
	case s.Groups != t.Groups:
		return say("number of groups", s.Groups, t.Groups)
	}
	return ""
}

// usesSlope reports whether the negative slope has a say in a variant.
func usesSlope(variant string) bool {
	i, err := shape.Index(variant)
	return err == nil && shape.Variants[i].UsesSlope()
}

// MarshalJSON implements json.Marshaler: it gives the State.
func (a *Activation) MarshalJSON() ([]byte, error) {
	s, err := a.State()
	if err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

// errDecode says why an Activation cannot be decoded.
var errDecode = errors.New("ditacop: an Activation belongs to a graph and cannot be decoded by itself: decode a State and call FromState")

// UnmarshalJSON implements json.Unmarshaler. It always reports an error:
// unmarshal into a State and call FromState.
func (a *Activation) UnmarshalJSON([]byte) error { return errDecode }

// GobEncode implements gob.GobEncoder. It always reports an error, because what
// it gave could not be decoded: encode the State.
func (a *Activation) GobEncode() ([]byte, error) {
	return nil, errors.New("ditacop: gob cannot bring an Activation to another graph: encode its State")
}

// GobDecode implements gob.GobDecoder. It always reports an error: decode a State
// and call FromState.
func (a *Activation) GobDecode([]byte) error { return errDecode }
