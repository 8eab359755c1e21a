//go:build cuda

package cuda

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cuda/kernels"
	"gorgonia.org/tensor"
)

// Elements says how the elements of a tensor lie that belong to the groups of some
// tables: outer × groups × length.
type Elements struct{ Outer, Length int }

// check reports more elements than the kernels can count.
func (e Elements) check(groups int) error {
	if n := e.Outer * e.Length; n > math.MaxInt32/2 || n < 0 {
		return fmt.Errorf("cuda: %d elements for each of %d groups, want at most %d", n, groups, math.MaxInt32/2)
	}
	return nil
}

// Forward sets dst to y(x) by tables whose data lie at an address.
func (s *Session) Forward(t *kernels.Tables, data Arg, e Elements, dst, x tensor.Memory) error {
	return s.elementwise("forward", t, data, e, Pointer(dst), Pointer(x), 0)
}

// BackwardX sets dst to g·y′(x).
func (s *Session) BackwardX(t *kernels.Tables, data Arg, e Elements, dst, x, g tensor.Memory) error {
	return s.elementwise("backward_x", t, data, e, Pointer(dst), Pointer(x), Pointer(g))
}

func (s *Session) elementwise(pass string, t *kernels.Tables, data Arg, e Elements, dst, x, g Arg) error {
	if err := e.check(t.Groups); err != nil {
		return err
	}
	kernel, shared := t.Elementwise(pass)
	args := append([]Arg{dst, x, g}, tableArgs(t, data, e)...)
	return s.Launch("ditac."+kernel, t.Blocks(e.Outer*e.Length), kernels.Tile, shared, args...)
}

// tableArgs are the parameters that all kernels have.
func tableArgs(t *kernels.Tables, data Arg, e Elements) []Arg {
	heads, starts, pieces := t.Addresses(uint64(data))
	return []Arg{Arg(heads), Arg(starts), Arg(pieces), Int(t.Stride), Int(e.Length), Int(e.Outer), Int(t.Groups)}
}

// Moments returns the sums that table.Table.Gradient takes: t.Slots times six numbers
// for each group, those of the elements above the table behind those of its last piece.
func (s *Session) Moments(t *kernels.Tables, data Arg, e Elements, x, g tensor.Memory) ([]float64, error) {
	if err := e.check(t.Groups); err != nil {
		return nil, err
	}
	plan := t.Moments(e.Outer * e.Length)
	return s.moments(plan, t.Groups, func(sums Arg) error {
		args := append([]Arg{sums, Pointer(x), Pointer(g)}, tableArgs(t, data, e)...)
		args = append(args, Int(plan.Parts), Int(plan.PartLength), Int(t.Slots))
		return s.Launch("ditac.moments_f32", plan.Blocks, kernels.Tile, plan.Shared, args...)
	})
}

// moments has launch write the sums of all parts, and returns their sums.
func (s *Session) moments(plan kernels.Moments, groups int, launch func(sums Arg) error) ([]float64, error) {
	sums, err := s.Scratch("moments", 8*plan.Sums)
	if err != nil {
		return nil, err
	}
	result, err := s.Scratch("moments result", 8*plan.Result)
	if err != nil {
		return nil, err
	}
	if err := launch(sums); err != nil {
		return nil, err
	}
	blocks, threads := Grid(plan.Result, 1<<10)
	if err := s.Launch("ditac.reduce_moments", blocks, threads, 0, result, sums, Int(plan.Count), Int(plan.Parts), Int(groups)); err != nil {
		return nil, err
	}
	host := make([]float64, plan.Result)
	return host, Download(s, host, result)
}
