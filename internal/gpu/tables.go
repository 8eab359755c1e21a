//go:build cuda

package gpu

import (
	"fmt"
	"math"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/ptx"
	"gorgonia.org/tensor"
)

// Elements says how the elements of a tensor lie that belong to the groups of some
// tables: outer × groups × length.
type Elements struct{ Outer, Length int }

// check reports more elements than the kernels can count.
func (e Elements) check(groups int) error {
	if n := e.Outer * e.Length; n > math.MaxInt32/2 || n < 0 {
		return fmt.Errorf("gpu: %d elements for each of %d groups, want at most %d", n, groups, math.MaxInt32/2)
	}
	return nil
}

// Forward sets dst to y(x), float32, by tables whose data lie at an address.
func Forward(s *cuda.Session, t *ptx.Tables, data cuda.Arg, e Elements, dst, x tensor.Memory) error {
	return elementwise(s, "forward", t, data, e, cuda.Pointer(dst), cuda.Pointer(x), 0)
}

// BackwardX sets dst to g·y′(x).
func BackwardX(s *cuda.Session, t *ptx.Tables, data cuda.Arg, e Elements, dst, x, g tensor.Memory) error {
	return elementwise(s, "backward_x", t, data, e, cuda.Pointer(dst), cuda.Pointer(x), cuda.Pointer(g))
}

func elementwise(s *cuda.Session, pass string, t *ptx.Tables, data cuda.Arg, e Elements, dst, x, g cuda.Arg) error {
	if err := e.check(t.Groups); err != nil {
		return err
	}
	kernel, shared := t.Elementwise(pass)
	args := append([]cuda.Arg{dst, x, g}, tableArgs(t, data, e)...)
	return s.Launch("ditac."+kernel, t.Blocks(e.Outer*e.Length), ptx.Tile, shared, args...)
}

// tableArgs are the parameters that all kernels have.
func tableArgs(t *ptx.Tables, data cuda.Arg, e Elements) []cuda.Arg {
	heads, starts, pieces := t.Addresses(uint64(data))
	return []cuda.Arg{cuda.Arg(heads), cuda.Arg(starts), cuda.Arg(pieces), cuda.Int(t.Stride), cuda.Int(e.Length), cuda.Int(e.Outer), cuda.Int(t.Groups)}
}

// Moments returns the sums that table.Table.Gradient takes: t.Slots times six numbers
// for each group, those of the elements above the table behind those of its last piece.
func Moments(s *cuda.Session, t *ptx.Tables, data cuda.Arg, e Elements, x, g tensor.Memory) ([]float64, error) {
	if err := e.check(t.Groups); err != nil {
		return nil, err
	}
	plan := t.Moments(e.Outer * e.Length)
	return moments(s, plan, t.Groups, func(sums cuda.Arg) error {
		args := append([]cuda.Arg{sums, cuda.Pointer(x), cuda.Pointer(g)}, tableArgs(t, data, e)...)
		args = append(args, cuda.Int(plan.Parts), cuda.Int(plan.PartLength), cuda.Int(t.Slots))
		return s.Launch("ditac.moments_f32", plan.Blocks, ptx.Tile, plan.Shared, args...)
	})
}

// moments has launch write the sums of all parts, and returns their sums.
func moments(s *cuda.Session, plan ptx.Moments, groups int, launch func(sums cuda.Arg) error) ([]float64, error) {
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
	blocks, threads := cuda.Grid(plan.Result, 1<<10)
	if err := s.Launch("ditac.reduce_moments", blocks, threads, 0, result, sums, cuda.Int(plan.Count), cuda.Int(plan.Parts), cuda.Int(groups)); err != nil {
		return nil, err
	}
	host := make([]float64, plan.Result)
	return host, s.Download(host, result)
}
