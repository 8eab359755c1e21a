package ditacop

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab"
	"github.com/ditac-go/ditac/cpab/curve"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Activation is a trainable activation function: the curve's shape, the node of
// its parameters θ and its penalty. It can be applied at several places of the
// graph it was made in, which then share θ.
type Activation struct {
	name   string
	dt     tensor.Dtype
	curve  *curve.Curve
	axis   int // −1: one θ for all elements
	groups int
	theta  *gorgonia.Node
	init   Init
	lambda float64
	prior  *cpab.Prior
	tol    float64 // of the tables; see WithTolerance

	cache cache
}

// DiTAC applies a new trainable activation to x, in place of
// gorgonia.Rectify(x). Its θ joins x's graph; find it with Learnables(g) to
// train it. x is of dtype Float32 or Float64 and of any shape, and so is the
// result. To use one θ at several places, or to keep hold of it, use New.
//
// A bad option gets an error that names it and its value.
func DiTAC(x *gorgonia.Node, opts ...Option) (*gorgonia.Node, error) {
	if x == nil {
		return nil, fmt.Errorf("ditacop: DiTAC: x is nil")
	}
	s, err := gather(opts)
	if err != nil {
		return nil, err
	}
	if s.axis >= 0 && s.groups == 0 && s.axis < x.Dims() {
		s.groups = x.Shape()[s.axis]
	}
	// All that Apply checks, before θ joins the graph.
	if _, err := newLayout(x.Shape(), s.axis, s.groups); err != nil {
		return nil, fmt.Errorf("ditacop: DiTAC: %w", err)
	}
	dt, err := floatDtype(x)
	if err != nil {
		return nil, fmt.Errorf("ditacop: DiTAC: %w", err)
	}
	a, err := newActivation(x.Graph(), dt, s)
	if err != nil {
		return nil, err
	}
	return a.Apply(x)
}

// New returns an activation whose θ is a new node of the graph g, of dtype
// tensor.Float32 or tensor.Float64. Apply it to one or several nodes. A bad
// argument or option gets an error that names it and its value.
func New(g *gorgonia.ExprGraph, dt tensor.Dtype, opts ...Option) (*Activation, error) {
	s, err := gather(opts)
	if err != nil {
		return nil, err
	}
	if s.axis >= 0 && s.groups == 0 {
		return nil, fmt.Errorf("ditacop: New does not know the number of channels along axis %d: use WithGroups instead of WithPerChannel", s.axis)
	}
	return newActivation(g, dt, s)
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

func newActivation(g *gorgonia.ExprGraph, dt tensor.Dtype, s settings) (*Activation, error) {
	if g == nil {
		return nil, fmt.Errorf("ditacop: the graph is nil")
	}
	if dt != tensor.Float32 && dt != tensor.Float64 {
		return nil, fmt.Errorf("ditacop: dtype = %v, want Float32 or Float64", dt)
	}
	c, err := s.curve()
	if err != nil {
		return nil, fmt.Errorf("ditacop: %w", err)
	}
	a := &Activation{dt: dt, curve: c, axis: s.axis, groups: max(1, s.groups), init: s.init, lambda: s.lambda, tol: s.tolerance}
	if a.prior, err = cpab.NewPrior(c.Space(), cpab.KernelRows, s.penaltyLS, s.penaltySD); err != nil {
		return nil, fmt.Errorf("ditacop: penalty: %w", err)
	}
	if s.init.make == nil {
		return nil, fmt.Errorf("ditacop: the Init is empty: use Identity, PriorSample, Fitted or FromTheta")
	}
	theta, err := s.init.make(c, a.groups)
	if err != nil {
		return nil, fmt.Errorf("ditacop: initialisation: %w", err)
	}
	if err := a.moveTo(theta); err != nil {
		return nil, fmt.Errorf("ditacop: initialisation: %w", err)
	}
	if a.name, err = uniqueName(g, s.name); err != nil {
		return nil, err
	}
	shape := tensor.Shape{c.Space().Dim()}
	if a.axis >= 0 {
		shape = tensor.Shape{a.groups, c.Space().Dim()}
	}
	a.theta = gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithShape(shape...),
		gorgonia.WithName(a.name+thetaSuffix), gorgonia.WithValue(denseOf(dt, shape, theta)))
	return a, nil
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
			return "", fmt.Errorf("ditacop: name = %q is taken by another activation of the graph", want)
		}
		return want, nil
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("ditac%d", i); !taken[name+thetaSuffix] {
			return name, nil
		}
	}
}

// floatDtype returns x's dtype, or an error if the op cannot work on it.
func floatDtype(x *gorgonia.Node) (tensor.Dtype, error) {
	dt := x.Dtype()
	if dt != tensor.Float32 && dt != tensor.Float64 {
		return dt, fmt.Errorf("x %q has dtype %v, want Float32 or Float64", x.Name(), dt)
	}
	return dt, nil
}

// Apply returns the node y = activation(x), of x's shape. It reports an x of
// another graph or dtype, and one whose shape does not suit the groups.
func (a *Activation) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if x == nil {
		return nil, fmt.Errorf("ditacop: %s: x is nil", a.name)
	}
	if x.Graph() != a.theta.Graph() {
		return nil, fmt.Errorf("ditacop: %s: x %q belongs to another graph than θ", a.name, x.Name())
	}
	dt, err := floatDtype(x)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: %w", a.name, err)
	}
	if dt != a.dt {
		return nil, fmt.Errorf("ditacop: %s: x %q has dtype %v, but θ has %v", a.name, x.Name(), dt, a.dt)
	}
	if _, err := newLayout(x.Shape(), a.axis, a.groups); err != nil {
		return nil, fmt.Errorf("ditacop: %s: %w", a.name, err)
	}
	y, err := gorgonia.ApplyOp(&op{act: a, kind: forward, dims: x.Dims()}, x, a.theta)
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: %w", a.name, err)
	}
	return y, nil
}

// Name returns the activation's name.
func (a *Activation) Name() string { return a.name }

// Theta returns the node of θ: shape (Dim) for one θ, (groups, Dim) for several.
func (a *Activation) Theta() *gorgonia.Node { return a.theta }

// Learnables returns the nodes to train: Theta alone.
func (a *Activation) Learnables() gorgonia.Nodes { return gorgonia.Nodes{a.theta} }

// Space returns the space of velocity fields that θ parametrises.
func (a *Activation) Space() *cpab.Space { return a.curve.Space() }

// Variant returns the variant.
func (a *Activation) Variant() Variant { return a.curve.Variant() }

// Groups returns the number of θ: 1, or the number of channels or groups.
func (a *Activation) Groups() int { return a.groups }

// Init returns the initialisation.
func (a *Activation) Init() Init { return a.init }

// Lambda returns the weight of the penalty.
func (a *Activation) Lambda() float64 { return a.lambda }

// String describes the activation in one line.
func (a *Activation) String() string {
	lo, hi := a.Space().Domain()
	s := fmt.Sprintf("%s(%d cells on [%v,%v], %v boundary, %v basis", a.Variant(), a.Space().Cells(), lo, hi, a.Space().Boundary(), a.Space().Basis())
	if a.axis >= 0 {
		s += fmt.Sprintf(", %d groups along axis %d", a.groups, a.axis)
	}
	return s + ")"
}

// ThetaValues returns a copy of the current parameters of the group (0 if there
// is one θ only).
func (a *Activation) ThetaValues(group int) ([]float64, error) {
	if group < 0 || group >= a.groups {
		return nil, fmt.Errorf("ditacop: %s: group = %d, want 0 to %d", a.name, group, a.groups-1)
	}
	theta, err := float64sOf(a.theta.Value())
	if err != nil {
		return nil, fmt.Errorf("ditacop: %s: θ: %w", a.name, err)
	}
	d := a.Space().Dim()
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
