package ditacop

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// SplitSolver is a gorgonia.Solver that steps θ with a solver of its own, which
// gives θ its own learning rate: Gorgonia's solvers have one rate for all that
// they step, and θ usually wants a larger one than the weights.
type SplitSolver struct {
	weights, theta gorgonia.Solver
	isTheta        map[*gorgonia.Node]bool
	w, t           []gorgonia.ValueGrad
}

var _ gorgonia.Solver = (*SplitSolver)(nil)

// NewSplitSolver returns a solver that steps the nodes in thetas (of
// [Learnables]) with the solver theta and all others with the solver weights.
func NewSplitSolver(weights, theta gorgonia.Solver, thetas gorgonia.Nodes) (*SplitSolver, error) {
	if weights == nil || theta == nil {
		return nil, fmt.Errorf("ditacop: NewSplitSolver: nil solver")
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
// list its parts in the same order at every step.
func (s *SplitSolver) Step(model []gorgonia.ValueGrad) error {
	s.w, s.t = s.w[:0], s.t[:0]
	for _, m := range model {
		if n, ok := m.(*gorgonia.Node); ok && s.isTheta[n] {
			s.t = append(s.t, m)
		} else {
			s.w = append(s.w, m)
		}
	}
	if err := s.weights.Step(s.w); err != nil {
		return fmt.Errorf("ditacop: step of the weights: %w", err)
	}
	if err := s.theta.Step(s.t); err != nil {
		return fmt.Errorf("ditacop: step of θ: %w", err)
	}
	return nil
}
