// Package solver is what the two ways to give learnables learning rates of their own
// share: ditacop.SplitSolver, for loops that step one gorgonia.Solver, and the groups of
// a models.Trainer. Both refuse one solver for two roles, and neither takes a nil pointer
// for a solver.
package solver
