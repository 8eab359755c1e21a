//go:build cuda

package cuda

import (
	"github.com/ditac-go/ditac/cuda/kernels"
	"gorgonia.org/tensor"
)

// ExactForward sets dst to y(x), float64, by curves whose data lie at an address.
func (s *Session) ExactForward(t *kernels.Exact, data Arg, e Elements, dst, x tensor.Memory) error {
	return s.exactly("forward", t, data, e, Pointer(dst), Pointer(x), 0)
}

// ExactBackwardX sets dst to g·y′(x).
func (s *Session) ExactBackwardX(t *kernels.Exact, data Arg, e Elements, dst, x, g tensor.Memory) error {
	return s.exactly("backward_x", t, data, e, Pointer(dst), Pointer(x), Pointer(g))
}

func (s *Session) exactly(pass string, t *kernels.Exact, data Arg, e Elements, dst, x, g Arg) error {
	args, err := s.exactArgs(t, data, e, dst, x, g)
	if err != nil {
		return err
	}
	return s.Launch("exact."+pass+"_exact_f64", t.Blocks(e.Outer*e.Length), kernels.Tile, t.Shared(), args...)
}

// exactArgs are the parameters that all kernels have, behind some.
func (s *Session) exactArgs(t *kernels.Exact, data Arg, e Elements, before ...Arg) ([]Arg, error) {
	if err := e.check(t.Groups); err != nil {
		return nil, err
	}
	normals, err := Resident(s, "normals", 1, kernels.Normals())
	if err != nil {
		return nil, err
	}
	heads, starts, parts := t.Addresses(uint64(data))
	return append(before, normals, Arg(heads), Arg(starts), Arg(parts), Int(t.Stride), Int(e.Length), Int(e.Outer), Int(t.Groups)), nil
}

// ExactMoments returns the sums that table.ExactLayout.Gradient takes: t.Slots times five
// numbers for each group, that of the NaN elements behind those of its last part.
func (s *Session) ExactMoments(t *kernels.Exact, data Arg, e Elements, x, g tensor.Memory) ([]float64, error) {
	plan := t.Moments(e.Outer * e.Length)
	return s.moments(plan, t.Groups, func(sums Arg) error {
		args, err := s.exactArgs(t, data, e, sums, Pointer(x), Pointer(g))
		if err != nil {
			return err
		}
		args = append(args, Int(plan.Parts), Int(plan.PartLength), Int(t.Slots))
		return s.Launch("exact.moments_exact_f64", plan.Blocks, kernels.Tile, plan.Shared, args...)
	})
}
