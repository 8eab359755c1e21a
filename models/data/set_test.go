package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// classes returns a set of n examples of two inputs, the first its index, with labels
// i mod 3, but class 2 only for every other i that would have it.
func classes(n int) *Set {
	s := &Set{XShape: []int{2}, Classes: []string{"a", "b", "c"}, Inputs: []string{"i", "i²"}, Name: "test"}
	for i := range n {
		s.X = append(s.X, float32(i), float32(i*i))
		label := i % 3
		if i%6 == 5 {
			label = 0
		}
		s.Y = append(s.Y, float32(label))
	}
	return s
}

// first returns the first input of every example.
func first(s *Set) (v []int) {
	for i := range s.Len() {
		x, _ := s.Example(i)
		v = append(v, int(x[0]))
	}
	return v
}

func TestCheck(t *testing.T) {
	require.NoError(t, classes(9).Check())
	nan := float32(math.NaN())
	for want, change := range map[string]func(s *Set){
		"19 numbers of inputs":                          func(s *Set) { s.X = append(s.X, 1) },
		"8 numbers of targets, want 1":                  func(s *Set) { s.Y = s.Y[:8] },
		"no examples":                                   func(s *Set) { s.X, s.Y = nil, nil },
		"input 1 of example 3 is NaN":                   func(s *Set) { s.X[7] = nan },
		"target 0 of example 4 is +Inf":                 func(s *Set) { s.Y[4] = float32(math.Inf(1)) },
		"label 3 of example 5":                          func(s *Set) { s.Y[5] = 3 },
		"label -1 of example 5":                         func(s *Set) { s.Y[5] = -1 },
		"label 0.5 of example 0":                        func(s *Set) { s.Y[0] = .5 },
		"shape [2 0], want positive":                    func(s *Set) { s.XShape = []int{2, 0} },
		"shape [65536 65536 65536 65536] has more than": func(s *Set) { s.XShape = []int{1 << 16, 1 << 16, 1 << 16, 1 << 16} },
		"1 names of inputs for 2":                       func(s *Set) { s.Inputs = s.Inputs[:1] },
		"empty list of classes":                         func(s *Set) { s.Classes = []string{} },
	} {
		s := classes(9)
		change(s)
		require.ErrorContains(t, s.Check(), want)
		require.ErrorContains(t, s.Check(), "data: test: ")
	}
	require.Error(t, (*Set)(nil).Check())
}

func TestSubset(t *testing.T) {
	s := classes(9)
	sub, err := s.Subset([]int{8, 0, 8})
	require.NoError(t, err)
	require.Equal(t, []float32{8, 64, 0, 0, 8, 64}, sub.X)
	require.Equal(t, []float32{2, 0, 2}, sub.Y)
	require.Equal(t, []int{2, 0, 2}, sub.Labels())
	require.Equal(t, []int{1, 0, 2}, sub.Counts())
	sub.X[0] = -1
	require.Equal(t, float32(8), s.X[16]) // a copy
	for _, idx := range [][]int{nil, {-1}, {9}} {
		_, err = s.Subset(idx)
		require.ErrorContains(t, err, "data: test: Subset")
	}
	x, y := s.Example(9)
	require.Nil(t, x)
	require.Nil(t, y)
}

// TestSplit: every example is on one side, the classes' shares are right to within one
// example, and the seed decides.
func TestSplit(t *testing.T) {
	s := classes(100) // 50 of class 0 (34 + 16), 33 of 1, 17 of 2
	require.Equal(t, []int{50, 33, 17}, s.Counts())
	for _, part := range []float64{.01, .25, .5, .8, .99} {
		train, rest, err := s.Split(part, 3)
		require.NoError(t, err)
		require.Equal(t, int(math.Round(100*part)), train.Len())
		all := append(first(train), first(rest)...)
		require.True(t, slices.IsSorted(first(train)))
		slices.Sort(all)
		require.Equal(t, first(s), all)
		for c, n := range train.Counts() {
			require.InDelta(t, part*float64(s.Counts()[c]), n, 1)
		}
	}
	a, _, _ := s.Split(.5, 1)
	b, _, _ := s.Split(.5, 1)
	c, _, _ := s.Split(.5, 2)
	require.Equal(t, a, b)
	require.NotEqual(t, a, c)
	for _, part := range []float64{0, 1, -1, 2, .001, math.NaN()} {
		_, _, err := s.Split(part, 1)
		require.ErrorContains(t, err, "Split: part")
	}
}

func TestFolds(t *testing.T) {
	s := classes(101)
	folds, err := s.Folds(5, 1)
	require.NoError(t, err)
	var all []int
	for _, f := range folds {
		require.Equal(t, s.Len(), f.Train.Len()+f.Test.Len())
		require.InDelta(t, 101./5, f.Test.Len(), 1)
		for c, n := range f.Test.Counts() {
			require.InDelta(t, float64(s.Counts()[c])/5, n, 1)
		}
		all = append(all, first(f.Test)...)
		for _, i := range first(f.Test) {
			require.NotContains(t, first(f.Train), i)
		}
	}
	slices.Sort(all)
	require.Equal(t, first(s), all)
	for _, k := range []int{-1, 1, 102} {
		_, err = s.Folds(k, 1)
		require.ErrorContains(t, err, "Folds")
	}
}

// TestBatches: an epoch has every example once but for the short rest, the next one
// has another order, and steps can be filled in any order.
func TestBatches(t *testing.T) {
	s := classes(10)
	b, err := NewBatches(s, 3, 1)
	require.NoError(t, err)
	require.Equal(t, 3, b.StepsPerEpoch())
	x, y := make([]float32, 6), make([]float32, 3)
	var steps [][]float32
	for step := range 6 {
		require.NoError(t, b.Fill(step, x, y))
		steps = append(steps, slices.Clone(x))
		for k := range 3 {
			require.Equal(t, x[2*k]*x[2*k], x[2*k+1])
			require.Equal(t, s.Y[int(x[2*k])], y[k])
		}
	}
	for _, epoch := range [][][]float32{steps[:3], steps[3:]} {
		seen := map[float32]bool{}
		for _, x := range epoch {
			seen[x[0]], seen[x[2]], seen[x[4]] = true, true, true
		}
		require.Len(t, seen, 9)
	}
	require.NotEqual(t, steps[:3], steps[3:])
	again, err := NewBatches(s, 3, 1)
	require.NoError(t, err)
	for _, step := range []int{5, 0, 3} {
		require.NoError(t, again.Fill(step, x, y))
		require.Equal(t, steps[step], x)
	}
	again.Augment = func(x []float32, shape []int, rng *rand.Rand) {
		x[0] += rng.Float32() / 2
	}
	a := make([]float32, 6)
	require.NoError(t, again.Fill(4, a, y))
	require.NotEqual(t, steps[4], a)
	require.NoError(t, again.Fill(4, x, y))
	require.Equal(t, a, x)
	require.Equal(t, classes(10), s) // Augment got a copy

	require.ErrorContains(t, b.Fill(-1, x, y), "step -1")
	require.ErrorContains(t, b.Fill(0, x[1:], y), "5 inputs and 3 targets")
	for _, size := range []int{0, 11} {
		_, err = NewBatches(s, size, 1)
		require.ErrorContains(t, err, "NewBatches")
	}
}

func TestScaler(t *testing.T) {
	s := &Set{X: []float32{0, 5, 10, 5, 2, 5, 8, 5}, XShape: []int{2}, Y: []float32{1, 2, 3, 6}, Name: "test"}
	f, err := FitScaler(s)
	require.NoError(t, err)
	// By hand: the mean of 0, 10, 2, 8 is 5 with squares 25, 25, 9, 9; that of Y is 3.
	require.Equal(t, []Scaling{{5, math.Sqrt(17)}, {5, 1}}, f.X)
	require.Equal(t, []Scaling{{3, math.Sqrt(14. / 4)}}, f.Y)
	scaled, err := f.Apply(s)
	require.NoError(t, err)
	require.InDelta(t, 5/math.Sqrt(17), scaled.X[2], 1e-6)
	require.Zero(t, scaled.X[1])
	require.NoError(t, f.InvertY(scaled.Y))
	require.InDeltaSlice(t, s.Y, scaled.Y, 1e-6) // two roundings of numbers below 8
	require.Error(t, (&Scaler{YShape: []int{2}}).InvertY(scaled.Y[:3]))

	r, err := FitRange(s)
	require.NoError(t, err)
	scaled, err = r.Apply(s)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float32{-1, 0, 1, 0, -.6, 0, .6, 0}, scaled.X, 1e-6)

	_, err = f.Apply(classes(3))
	require.ErrorContains(t, err, "do not fit the scaler")
	c, err := FitScaler(classes(3))
	require.NoError(t, err)
	require.Nil(t, c.Y)
	y := []float32{2, 1}
	require.NoError(t, c.InvertY(y))
	require.Equal(t, []float32{2, 1}, y)
}

// TestScalerChannels: an image is scaled by channels.
func TestScalerChannels(t *testing.T) {
	s := &Set{X: []float32{0, 2, 10, 10, 4, 6, 14, 14}, XShape: []int{2, 1, 2}, Y: []float32{0, 1}}
	f, err := FitScaler(s)
	require.NoError(t, err)
	require.Equal(t, []Scaling{{3, math.Sqrt(5)}, {12, 2}}, f.X)
	scaled, err := f.Apply(s)
	require.NoError(t, err)
	require.Equal(t, []float32{-1, -1}, scaled.X[2:4])
	require.InDelta(t, 3/math.Sqrt(5), scaled.X[5], 1e-6)
}

func ExampleSet_Split() {
	set := &Set{
		X: []float32{1, 2, 3, 4, 5, 6}, Y: []float32{0, 0, 0, 0, 1, 1},
		Classes: []string{"small", "large"},
	}
	train, test, err := set.Split(0.5, 1)
	fmt.Println(train.Len(), train.Counts(), test.Counts(), err)
	// Output: 3 [2 1] [2 1] <nil>
}
