//go:build cuda

package gpu

import (
	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/ptx"
	"gorgonia.org/tensor"
)

// ExactForward sets dst to y(x), float64, by curves whose data lie at an address.
func ExactForward(s *cuda.Session, t *ptx.Exact, data cuda.Arg, e Elements, dst, x tensor.Memory) error {
	return exactly(s, "forward", t, data, e, cuda.Pointer(dst), cuda.Pointer(x), 0)
}

// ExactBackwardX sets dst to g·y′(x).
func ExactBackwardX(s *cuda.Session, t *ptx.Exact, data cuda.Arg, e Elements, dst, x, g tensor.Memory) error {
	return exactly(s, "backward_x", t, data, e, cuda.Pointer(dst), cuda.Pointer(x), cuda.Pointer(g))
}

func exactly(s *cuda.Session, pass string, t *ptx.Exact, data cuda.Arg, e Elements, dst, x, g cuda.Arg) error {
	args, err := exactArgs(s, t, data, e, dst, x, g)
	if err != nil {
		return err
	}
	return s.Launch("exact."+pass+"_exact_f64", t.Blocks(e.Outer*e.Length), ptx.Tile, t.Shared(), args...)
}

// exactArgs are the parameters that all kernels have, behind some.
func exactArgs(s *cuda.Session, t *ptx.Exact, data cuda.Arg, e Elements, before ...cuda.Arg) ([]cuda.Arg, error) {
	if err := e.check(t.Groups); err != nil {
		return nil, err
	}
	normals, err := s.Resident("normals", 1, ptx.Normals())
	if err != nil {
		return nil, err
	}
	heads, starts, parts := t.Addresses(uint64(data))
	return append(before, normals, cuda.Arg(heads), cuda.Arg(starts), cuda.Arg(parts), cuda.Int(t.Stride), cuda.Int(e.Length), cuda.Int(e.Outer), cuda.Int(t.Groups)), nil
}

// ExactMoments returns the sums that table.ExactLayout.Gradient takes: t.Slots times six
// numbers for each group, that of the NaN elements behind those of its last part.
func ExactMoments(s *cuda.Session, t *ptx.Exact, data cuda.Arg, e Elements, x, g tensor.Memory) ([]float64, error) {
	plan := t.Moments(e.Outer * e.Length)
	return moments(s, plan, t.Groups, func(sums cuda.Arg) error {
		args, err := exactArgs(s, t, data, e, sums, cuda.Pointer(x), cuda.Pointer(g))
		if err != nil {
			return err
		}
		args = append(args, cuda.Int(plan.Parts), cuda.Int(plan.PartLength), cuda.Int(t.Slots))
		return s.Launch("exact.moments_exact_f64", plan.Blocks, ptx.Tile, plan.Shared, args...)
	})
}
