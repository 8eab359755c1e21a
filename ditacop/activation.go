package ditacop

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Activation is a trainable activation function: the curve's shape, the node of
// its parameters θ and its penalty. It can be applied at several places of the
// graph it was made in, which then share θ. Make one with New, FromState or
// LoadActivation: the methods of the zero Activation report an error, or return
// zero where they have none to return.
type Activation struct {
	spec
	theta *gorgonia.Node
	cache cache

	onDevice deviceForm
}

// spec is what an activation is apart from its θ. It does not change.
type spec struct {
	name   string
	dt     tensor.Dtype
	curve  *curve.Curve
	axis   int // of the channels; sharedAxis: one θ for all elements
	groups int
	init   Init
	tol    float64 // of the tables; see WithTolerance

	lambda, penaltyLS, penaltySD float64
	prior                        func() (*cpab.Prior, error) // made at the first call: its cost grows with cells³
}

// sharedAxis stands for the axis where one θ serves all elements.
const sharedAxis = -1

// DiTAC applies a new trainable activation to x, in place of
// gorgonia.Rectify(x). Its θ joins x's graph; find it with Learnables(g) to
// train it. x is of dtype Float32 or Float64 and of any shape, and so is the
// result.
//
// Every call makes a θ of its own. To use one θ at several places, or to keep
// hold of it, use New and Apply: in the loop of an unrolled recurrent network
// DiTAC would make one θ per time step. A graph for another batch size starts
// with θ = 0, which is GELU: bring what was learned with [CopyLearnables] or
// [Load].
//
// A bad option gets an error that names it and its value.
func DiTAC(x *gorgonia.Node, opts ...Option) (*gorgonia.Node, error) {
	dt, err := floatDtype("x", x)
	if err != nil {
		return nil, fmt.Errorf("ditacop: DiTAC: %w", err)
	}
	s, err := gather(opts)
	if err != nil {
		return nil, err
	}
	axis, groups, err := s.sharing.of(x.Shape())
	if err != nil {
		return nil, fmt.Errorf("ditacop: DiTAC: %w", err)
	}
	// All that Apply checks, before θ joins the graph.
	if _, err := newLayout(x.Shape(), axis, groups); err != nil {
		return nil, fmt.Errorf("ditacop: DiTAC: %w", err)
	}
	a, err := newActivation(x.Graph(), dt, s, axis, groups)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %w", err)
	}
	return a.Apply(x)
}

// Func returns DiTAC with the options set, for libraries that take an activation
// as a func(*gorgonia.Node) (*gorgonia.Node, error). As with DiTAC every call
// makes a θ of its own: find them with Learnables(g) after the network is built,
// or one of them through Activations(g), which are in the order of application.
// To share one θ, pass the method Apply of an Activation instead. With WithName
// the function can be called once per graph, as names are unique.
func Func(opts ...Option) func(*gorgonia.Node) (*gorgonia.Node, error) {
	opts = slices.Clone(opts)
	return func(x *gorgonia.Node) (*gorgonia.Node, error) { return DiTAC(x, opts...) }
}

// New returns an activation whose θ is a new node of the graph g, of dtype
// tensor.Float32 or tensor.Float64. Apply it to one or several nodes. A bad
// argument or option gets an error that names it and its value.
func New(g *gorgonia.ExprGraph, dt tensor.Dtype, opts ...Option) (*Activation, error) {
	s, err := gather(opts)
	if err != nil {
		return nil, err
	}
	if s.sharing.kind == perChannel {
		return nil, fmt.Errorf("ditacop: New does not know the number of channels along axis %d: use WithGroups instead of WithPerChannel", s.sharing.axis)
	}
	axis, groups, err := s.sharing.of(nil)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %w", err)
	}
	a, err := newActivation(g, dt, s, axis, groups)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %w", err)
	}
	return a, nil
}

func gather(opts []Option) (settings, error) {
	s := defaults()
	for i, o := range opts {
		if o == nil {
			return s, fmt.Errorf("ditacop: option %d is nil", i)
		}
		o(&s)
	}
	if err := s.check(); err != nil {
		return s, fmt.Errorf("ditacop: %w", err)
	}
	return s, nil
}

// of returns the axis and number of groups of an activation that is applied to a
// tensor of the given shape, which counts for perChannel only.
func (s sharing) of(shape tensor.Shape) (axis, groups int, err error) {
	switch s.kind {
	case perGroup:
		return s.axis, s.groups, nil
	case perChannel:
		if s.axis >= len(shape) {
			return 0, 0, fmt.Errorf("axis = %d, but x has shape %v", s.axis, shape)
		}
		return s.axis, shape[s.axis], nil
	}
	return sharedAxis, 1, nil
}

func newActivation(g *gorgonia.ExprGraph, dt tensor.Dtype, s settings, axis, groups int) (*Activation, error) {
	if g == nil {
		return nil, fmt.Errorf("the graph is nil")
	}
	if !isFloat(dt) {
		return nil, fmt.Errorf("dtype = %v, want Float32 or Float64", dtypeName(dt))
	}
	c, err := s.curve()
	if err != nil {
		return nil, err
	}
	d := c.Dim()
	if groups > MaxParameters/d {
		return nil, fmt.Errorf("groups = %d with %d parameters each, want at most MaxParameters = %d in all", groups, d, MaxParameters)
	}
	a := &Activation{spec: spec{dt: dt, curve: c, axis: axis, groups: groups, init: s.init, tol: s.tolerance,
		lambda: s.lambda, penaltyLS: s.penaltyLS, penaltySD: s.penaltySD}}
	a.prior = sync.OnceValues(func() (*cpab.Prior, error) {
		return cpab.NewPrior(c.Space(), cpab.KernelRows, s.penaltyLS, s.penaltySD)
	})
	theta, err := a.initial()
	if err != nil {
		return nil, err
	}
	if a.name, err = uniqueName(g, s.name); err != nil {
		return nil, err
	}
	a.onDevice = newDeviceForm(a.spec)
	shape := a.thetaShape()
	a.theta = gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...),
		gorgonia.WithName(a.name+thetaSuffix), gorgonia.WithValue(denseOf(dt, shape, theta)))
	return a, nil
}

// thetaShape returns the shape of θ: (Dim), or (groups, Dim).
func (s *spec) thetaShape() tensor.Shape {
	d := s.curve.Dim()
	if s.axis == sharedAxis {
		return tensor.Shape{d}
	}
	return tensor.Shape{s.groups, d}
}

// initial returns the initial θ, checked.
func (a *Activation) initial() ([]float64, error) {
	if a.init.make == nil {
		return nil, fmt.Errorf("the Init is empty: use Identity, PriorSample, Fitted or FromTheta")
	}
	theta, err := a.init.make(a.curve, a.groups)
	if err == nil {
		theta, err = a.rounded(theta)
	}
	if err == nil {
		err = a.moveTo(theta)
	}
	if err != nil {
		return nil, fmt.Errorf("initialisation: %w", err)
	}
	return theta, nil
}

// rounded returns θ as numbers of its dtype. It reports a component that is finite
// and too large for float32.
func (a *Activation) rounded(theta []float64) ([]float64, error) {
	if a.dt != tensor.Float32 {
		return theta, nil
	}
	out := make([]float64, len(theta))
	for k, x := range theta {
		if out[k] = float64(float32(x)); math.IsInf(out[k], 0) && !math.IsInf(x, 0) {
			d := a.curve.Dim()
			return nil, fmt.Errorf("θ of group %d: theta[%d] = %v, which overflows float32", k/d, k%d, x)
		}
	}
	return out, nil
}

const thetaSuffix = ".theta"

// uniqueName returns the wanted name, or the first of ditac1, ditac2, … that is
// free in the graph. Gorgonia would silently merge two parameters of one name.
func uniqueName(g *gorgonia.ExprGraph, want string) (string, error) {
	taken := map[string]bool{}
	for _, n := range g.AllNodes() {
		taken[n.Name()] = true
	}
	if want != "" {
		if taken[want+thetaSuffix] {
			return "", fmt.Errorf("name = %q is taken by another activation of the graph", want)
		}
		return want, nil
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("ditac%d", i); !taken[name+thetaSuffix] {
			return name, nil
		}
	}
}

// Apply returns the node y = activation(x), of x's shape. It reports an x of
// another graph or dtype, and one whose shape does not suit the groups.
func (a *Activation) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := a.made(); err != nil {
		return nil, err
	}
	dt, err := floatDtype("x", x)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: %w", a.name, err)
	}
	if x.Graph() != a.theta.Graph() {
		return nil, fmt.Errorf("ditacop: %s: x %q belongs to another graph than θ; for a clone of the graph see Activations", a.name, nodeName(x))
	}
	if dt != a.dt {
		return nil, fmt.Errorf("ditacop: %s: x %q has dtype %v, but θ has %v", a.name, nodeName(x), dt, a.dt)
	}
	if _, err := newLayout(x.Shape(), a.axis, a.groups); err != nil {
		return nil, fmt.Errorf("ditacop: %s: %w", a.name, err)
	}
	return a.op(forward, x.Dims()).Apply(x, a.theta)
}

// made reports a nil and a zero Activation.
func (a *Activation) made() error {
	if a == nil || a.theta == nil {
		return fmt.Errorf("ditacop: the Activation is empty: make it with New, FromState or LoadActivation")
	}
	return nil
}

// Name returns the activation's name.
func (a *Activation) Name() string {
	if a == nil {
		return ""
	}
	return a.name
}

// Theta returns the node of θ: shape (Dim) for one θ, (groups, Dim) for several.
func (a *Activation) Theta() *gorgonia.Node {
	if a == nil {
		return nil
	}
	return a.theta
}

// Learnables returns the nodes to train: Theta alone.
func (a *Activation) Learnables() gorgonia.Nodes {
	if a.made() != nil {
		return nil
	}
	return gorgonia.Nodes{a.theta}
}

// Space returns the space of velocity fields that θ parametrises.
func (a *Activation) Space() *cpab.Space {
	if a.made() != nil {
		return nil
	}
	return a.curve.Space()
}

// Variant returns the variant.
func (a *Activation) Variant() Variant {
	if a.made() != nil {
		return VariantDiTAC
	}
	return a.curve.Variant()
}

// Dim returns the number of parameters of one θ: those of Space, and one more, the last, if
// VariantAmplified learns its amplification.
func (a *Activation) Dim() int {
	if a.made() != nil {
		return 0
	}
	return a.curve.Dim()
}

// Groups returns the number of θ: 1, or the number of channels or groups.
func (a *Activation) Groups() int {
	if a == nil {
		return 0
	}
	return a.groups
}

// Init returns the initialisation.
func (a *Activation) Init() Init {
	if a == nil {
		return Init{}
	}
	return a.init
}

// Lambda returns the weight of the penalty.
func (a *Activation) Lambda() float64 {
	if a == nil {
		return 0
	}
	return a.lambda
}

// String describes the activation in one line.
func (a *Activation) String() string {
	if a.made() != nil {
		return "empty activation"
	}
	lo, hi := a.Space().Domain()
	s := fmt.Sprintf("%s(%s%d cells on [%v,%v], %v boundary, %v basis", a.Variant(), a.amplification(), a.Space().Cells(), lo, hi, a.Space().Boundary(), a.Space().Basis())
	if a.axis != sharedAxis {
		s += fmt.Sprintf(", %d groups along axis %d", a.groups, a.axis)
	}
	return s + ")"
}

// amplification describes that of VariantAmplified.
func (a *Activation) amplification() string {
	if a.Variant() != VariantAmplified {
		return ""
	}
	alpha, learned := a.curve.Amplification()
	if learned {
		return fmt.Sprintf("α from %v, ", alpha)
	}
	return fmt.Sprintf("α = %v, ", alpha)
}

// ThetaValues returns a copy of the current parameters of the group (0 if there
// is one θ only).
func (a *Activation) ThetaValues(group int) ([]float64, error) {
	if err := a.made(); err != nil {
		return nil, err
	}
	if group < 0 || group >= a.groups {
		return nil, fmt.Errorf("ditacop: %s: group = %d, want 0 to %d", a.name, group, a.groups-1)
	}
	theta, err := float64sOf(a.theta.Value())
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: θ: %w", a.name, err)
	}
	d := a.Dim()
	if len(theta) != a.groups*d {
		return nil, fmt.Errorf("ditacop: %s: θ has %d numbers, want %d × %d", a.name, len(theta), a.groups, d)
	}
	return theta[group*d : (group+1)*d], nil
}

// Exact returns the current curve of the group for evaluation outside the
// graph: values, derivatives, the velocity field. Later changes of θ do not
// reach it.
func (a *Activation) Exact(group int) (*curve.Exact, error) {
	theta, err := a.ThetaValues(group)
	if err != nil {
		return nil, err
	}
	e, err := a.curve.Exact(theta)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: θ: %w", a.name, err)
	}
	return e, nil
}

// Eval returns the current curve of the group at xs: y(x) and y′(x).
func (a *Activation) Eval(group int, xs []float64) (y, dy []float64, err error) {
	e, err := a.Exact(group)
	if err != nil {
		return nil, nil, err
	}
	y, dy = make([]float64, len(xs)), make([]float64, len(xs))
	for i, x := range xs {
		y[i], dy[i] = e.Jet(x)
	}
	return y, dy, nil
}
