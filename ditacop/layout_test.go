package ditacop

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// groupOf returns the group of the i-th element of a tensor, in row-major order, by the
// definition: its channel is its coordinate along the axis, and channels/groups
// neighbouring channels are a group. The tests' own; it uses none of the package.
func groupOf(shape tensor.Shape, axis, groups, i int) int {
	if axis < 0 {
		return 0
	}
	for k := len(shape) - 1; k > axis; k-- {
		i /= shape[k]
	}
	channel := i % shape[axis]
	return channel / (shape[axis] / groups)
}

func TestGroupOf(t *testing.T) {
	// Written out for shape (2, 4, 3) with 2 groups along axis 1.
	want := []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}
	for i, group := range want {
		require.Equal(t, group, groupOf(tensor.Shape{2, 4, 3}, 1, 2, i))
	}
	require.Equal(t, []int{0, 1, 2, 0}, []int{groupOf(tensor.Shape{2, 3}, 1, 3, 0), groupOf(tensor.Shape{2, 3}, 1, 3, 1),
		groupOf(tensor.Shape{2, 3}, 1, 3, 2), groupOf(tensor.Shape{2, 3}, 1, 3, 3)})
}

// TestLayout: each element belongs to one group, the one of groupOf.
func TestLayout(t *testing.T) {
	for _, c := range gradCases {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			l, err := newLayout(c.shape, c.axis, c.groups)
			require.NoError(t, err)
			group := make([]int, c.shape.TotalSize())
			for i := range group {
				group[i] = -1
			}
			for k := range l.groups {
				for o := range l.outer {
					from, to := l.run(k, o)
					for i := from; i < to; i++ {
						require.Equal(t, -1, group[i], "element %d belongs to two groups", i)
						group[i] = k
					}
				}
			}
			for i, got := range group {
				require.Equal(t, groupOf(c.shape, c.axis, c.groups, i), got, "element %d", i)
			}
		})
	}
}

// TestGroups: the results of tensors with groups along axis 1, against the curves of the
// groups, element by element.
func TestGroups(t *testing.T) {
	for _, dt := range bothDtypes {
		for _, groups := range []int{1, 2, 3, 6} {
			newBatch(7, 6).require(t, grouped(t, dt, groups), randomTheta(groups, 5))
			b := newBatch(24, 6) // the same as images
			b.shape = tensor.Shape{2, 6, 4, 3}
			b.require(t, grouped(t, dt, groups), randomTheta(groups, 6))
		}
	}
}

// TestEachRun: a group's elements get what they would one by one, where runs are long and
// where they are gathered, and no others do.
func TestEachRun(t *testing.T) {
	for _, l := range []layout{
		{outer: 1, channels: 4, inner: 3, groups: 2}, {outer: 5, channels: 3, inner: 1, groups: 3}, {outer: 5, channels: 4, inner: 7, groups: 2},
		{outer: gathered + 7, channels: 2, inner: 1, groups: 2}, {outer: 100, channels: 2, inner: 100, groups: 2},
		{outer: 3, channels: 2, inner: gatherBelow, groups: 2}, {outer: 4, channels: 2, inner: 0, groups: 2}, {outer: 0, channels: 2, inner: 1, groups: 2},
	} {
		n := l.outer * l.channels * l.inner
		x, g := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], g[i] = float64(i), float64(-3*i)
		}
		for _, withG := range []bool{false, true} {
			got, want := make([]float64, n), make([]float64, n)
			for group := range l.groups {
				up := g
				if !withG {
					up = nil
				}
				eachRun(l, group, got, x, up, func(dst, x, g []float64) {
					for i := range dst {
						dst[i] = float64(1000*group) + x[i]
						if withG {
							dst[i] += g[i]
						}
					}
				})
				for k := range l.outer {
					from, to := l.run(group, k)
					for i := from; i < to; i++ {
						want[i] = float64(1000*group) + x[i]
						if withG {
							want[i] += g[i]
						}
					}
				}
			}
			require.Equal(t, want, got, "%+v", l)
			for group := range l.groups {
				var all []float64
				for k := range l.outer {
					from, to := l.run(group, k)
					all = append(all, x[from:to]...)
				}
				require.Equal(t, len(all), len(elementsOf(l, group, x)))
				if len(all) > 0 {
					require.Equal(t, all, elementsOf(l, group, x))
				}
			}
		}
	}
}
