package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Split divides the examples at random into part of them, rounded to a whole number,
// and the rest. It is stratified: of each class, the number in either set is that of
// its share to within one example. Both sets keep the order of s. A part that leaves
// one of the sets empty is an error.
func (s *Set) Split(part float64, seed uint64) (train, rest *Set, err error) {
	n := s.Len()
	take := 0
	if part > 0 && part < 1 {
		take = int(math.Round(part * float64(n)))
	}
	if take < 1 || take >= n {
		return nil, nil, s.wrap(fmt.Errorf("Split: part %v of %d examples, want at least one example on either side", part, n))
	}
	var in, out []int
	for i, e := range s.strata(seed) {
		// Of the first i examples, ⌊i·take/n⌋ are taken: that spreads them evenly over
		// the classes, which lie one after another.
		if (i+1)*take/n > i*take/n {
			in = append(in, e)
		} else {
			out = append(out, e)
		}
	}
	return s.pair(in, out)
}

// Fold is one of the ways in which cross-validation divides a set.
type Fold struct{ Train, Test *Set }

// Folds divides the examples at random into k parts of as equal size as can be,
// stratified by class, and returns for each part the set of the other examples and
// the part. k is at least 2 and at most the number of examples.
func (s *Set) Folds(k int, seed uint64) ([]Fold, error) {
	if k < 2 || k > s.Len() {
		return nil, s.wrap(fmt.Errorf("Folds: %d folds of %d examples, want 2 to %[2]d", k, s.Len()))
	}
	order := s.strata(seed)
	folds := make([]Fold, k)
	for f := range folds {
		var in, out []int
		for i, e := range order {
			if i%k == f {
				out = append(out, e)
			} else {
				in = append(in, e)
			}
		}
		var err error
		if folds[f].Train, folds[f].Test, err = s.pair(in, out); err != nil {
			return nil, err
		}
	}
	return folds, nil
}

// strata returns the indices of the examples, class after class, in random order
// within each. Without one label per example, all are one class.
func (s *Set) strata(seed uint64) []int {
	order := stream(seed, 0).Perm(s.Len())
	if s.Classes != nil && Size(s.YShape) == 1 {
		slices.SortStableFunc(order, func(a, b int) int { return int(s.Y[a]) - int(s.Y[b]) })
	}
	return order
}

// pair returns the subsets of two lists of indices, each in ascending order.
func (s *Set) pair(a, b []int) (*Set, *Set, error) {
	slices.Sort(a)
	slices.Sort(b)
	sa, err := s.Subset(a)
	if err != nil {
		return nil, nil, err
	}
	sb, err := s.Subset(b)
	return sa, sb, err
}

// stream returns the i-th of the independent random number generators of a seed. The
// number is spread over all bits by the finaliser of SplitMix64 (Steele, Lea & Flood
// 2014), since PCGs of neighbouring states begin alike.
func stream(seed, i uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, mix(i)))
}

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
