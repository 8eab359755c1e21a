//go:build cuda

package gpu

import (
	"math"

	"github.com/ditac-go/ditac/cuda"
	"gorgonia.org/tensor"
)

// Groups are the numbers of a tensor Outer × Count × Length that belong together, as those
// of a channel of images: Outer·Length for each of Count groups.
type Groups struct{ Outer, Count, Length int }

// GroupsOf are the groups along axis 1 of a shape.
func GroupsOf(s tensor.Shape) Groups {
	g := Groups{s[0], s[1], 1}
	for _, n := range s[2:] {
		g.Length *= n
	}
	return g
}

// Fits says whether the kernels can count the numbers of a group, in 32 bits.
func (g Groups) Fits() bool { return max(g.Outer*g.Length, g.Count) <= math.MaxInt32 }

// launch launches a kernel with a block for each group.
func (g Groups) launch(s *cuda.Session, kernel string, dt tensor.Dtype, args ...cuda.Arg) error {
	return launch(s, kernel, dt, g.Count*256, append(args, cuda.Int(g.Outer), cuda.Int(g.Count), cuda.Int(g.Length))...)
}

// Sums sets dst to the sums of the groups of x, divided by a number.
func (g Groups) Sums(s *cuda.Session, dt tensor.Dtype, dst, x tensor.Memory, divisor int) error {
	return g.launch(s, "sums.sums", dt, cuda.Pointer(dst), cuda.Pointer(x), number(float64(divisor)))
}

// Mean sets dst to the mean of n numbers.
func Mean(s *cuda.Session, dt tensor.Dtype, dst, x tensor.Memory, n int) error {
	return mean(s, dt, dst, dt, cuda.Pointer(x), n)
}

// mean is Mean for x of another dtype, by blocks that sum 2,048 numbers or more each, and
// one that sums theirs.
func mean(s *cuda.Session, dt tensor.Dtype, dst tensor.Memory, from tensor.Dtype, x cuda.Arg, n int) error {
	return sumParts(s, dt, dst, n, n, func(threads int, parts cuda.Arg) error {
		return launch(s, "sums.part_sums", from, threads, parts, x, cuda.Int(n))
	})
}

// sumParts sets dst to the sum of what blocks make of n numbers, a double each, divided by a
// number. A function launches them, for the given number of threads.
func sumParts(s *cuda.Session, dt tensor.Dtype, dst tensor.Memory, n, divisor int, do func(threads int, parts cuda.Arg) error) error {
	blocks := min((n+2047)/2048, 1024)
	parts, err := s.Scratch("part sums", 8*blocks)
	if err == nil {
		err = do(256*blocks, parts)
	}
	if err != nil {
		return err
	}
	return launch(s, "sums.quotient", dt, 1, cuda.Pointer(dst), parts, number(float64(divisor)), cuda.Int(blocks))
}

// Spread sets all numbers of each group, which lie together, to g divided by how many they
// are: the gradient of a mean.
func Spread(s *cuda.Session, dt tensor.Dtype, dst, g tensor.Memory, groups, count int) error {
	return launch(s, "sums.spread", dt, groups*count, cuda.Pointer(dst), cuda.Pointer(g), cuda.Int(groups), cuda.Int(count))
}

// number passes a double.
func number(x float64) cuda.Arg { return cuda.Arg(math.Float64bits(x)) }
