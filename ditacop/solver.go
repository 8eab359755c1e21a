package ditacop

import (
	"fmt"

	"github.com/ditac-go/ditac/internal/solver"
	"gorgonia.org/gorgonia"
)

// SplitSolver is a gorgonia.Solver that steps θ with a solver of its own, which
// gives θ its own learning rate: Gorgonia's solvers have one rate for all that
// they step. See NewSplitSolver for when θ wants one.
//
// It is for programs that make their own steps and have room for one solver. In a
// models.Trainer the way is a models.Group for θ, which can have a schedule, too; both
// give the same numbers.
type SplitSolver struct {
	weights, theta gorgonia.Solver
	isTheta        map[*gorgonia.Node]bool
	w, t           []gorgonia.ValueGrad
}

var _ gorgonia.Solver = (*SplitSolver)(nil)

// NewSplitSolver returns a solver that steps the nodes in thetas (of
// [Learnables]) with the solver theta and all others with the solver weights. They
// must be two solvers, because Gorgonia's keep state per learnable.
//
// The rule about θ's rate: with the default basis θ learns well at the rate of the
// weights, and one solver for everything is the recommended setting. With other
// bases measure; with the nodal basis about a quarter of the weights' rate is right.
func NewSplitSolver(weights, theta gorgonia.Solver, thetas gorgonia.Nodes) (*SplitSolver, error) {
	if solver.IsNil(weights) || solver.IsNil(theta) {
		return nil, fmt.Errorf("ditacop: NewSplitSolver: nil solver: weights = %T, theta = %T", weights, theta)
	}
	if solver.Same(weights, theta) {
		return nil, fmt.Errorf("ditacop: NewSplitSolver: weights and theta are one %T, which keeps state per learnable: make two", weights)
	}
	if len(thetas) == 0 {
		return nil, fmt.Errorf("ditacop: NewSplitSolver: no θ nodes given")
	}
	s := &SplitSolver{weights: weights, theta: theta, isTheta: map[*gorgonia.Node]bool{}}
	for i, n := range thetas {
		if n == nil {
			return nil, fmt.Errorf("ditacop: NewSplitSolver: thetas[%d] is nil", i)
		}
		s.isTheta[n] = true
	}
	return s, nil
}

// Step implements gorgonia.Solver. As with Gorgonia's solvers, the model must
// list its parts in the same order at every step. Its parts are nodes, as of
// gorgonia.NodesToValueGrads, or have a method
//
//	Node() *gorgonia.Node
//
// that returns the node whose value and gradient they are, as in a models.Trainer;
// others count as weights. A model in which no θ is found is an error.
func (s *SplitSolver) Step(model []gorgonia.ValueGrad) error {
	if s.weights == nil {
		return fmt.Errorf("ditacop: SplitSolver: not made by NewSplitSolver")
	}
	s.w, s.t = s.w[:0], s.t[:0]
	for _, m := range model {
		if n, ok := m.(interface{ Node() *gorgonia.Node }); ok && s.isTheta[n.Node()] {
			s.t = append(s.t, m)
		} else {
			s.w = append(s.w, m)
		}
	}
	if len(s.t) == 0 {
		return fmt.Errorf("ditacop: SplitSolver: none of the %d θ nodes is among the %d parts of the model, which have to be nodes or to have a method Node() *gorgonia.Node", len(s.isTheta), len(model))
	}
	if err := s.weights.Step(s.w); err != nil {
		return fmt.Errorf("ditacop: step of the weights: %w", err)
	}
	if err := s.theta.Step(s.t); err != nil {
		return fmt.Errorf("ditacop: step of θ: %w", err)
	}
	return nil
}
