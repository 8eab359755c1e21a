package data

import (
	"fmt"
	"math"
	"slices"
)

// The functions of this file spoil sets as real ones are spoilt, to see what a network
// makes of it. Each returns a copy.

// NoisyLabels gives a share of the examples, rounded to a whole number and chosen at
// random, another class than theirs, each of the others with equal chance.
func NoisyLabels(s *Set, share float64, seed uint64) (*Set, error) {
	if err := s.checkPart("NoisyLabels: share", share); err != nil {
		return nil, err
	}
	if len(s.Classes) < 2 || Size(s.YShape) != 1 {
		return nil, s.wrap(fmt.Errorf("NoisyLabels: %d classes and targets of shape %v, want two classes or more and a label an example", len(s.Classes), s.YShape))
	}
	c := s.Clone()
	rng := stream(seed, 0)
	n := int(math.Round(share * float64(s.Len())))
	for _, i := range rng.Perm(s.Len())[:n] {
		other := rng.IntN(len(s.Classes) - 1)
		if other >= int(s.Y[i]) {
			other++
		}
		c.Y[i] = float32(other)
	}
	return c, nil
}

// MissingInputs replaces each number of X, independently with the chance share, by
// fill: of standardised inputs the mean, 0.
func MissingInputs(s *Set, share float64, fill float32, seed uint64) (*Set, error) {
	if err := s.checkPart("MissingInputs: share", share); err != nil {
		return nil, err
	}
	c := s.Clone()
	rng := stream(seed, 0)
	for i := range c.X {
		if rng.Float64() < share {
			c.X[i] = fill
		}
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	return c, nil
}

// ShiftInputs adds a number to each of X, as a gauge does that has drifted: by is in
// standard deviations if inputs are standardised.
func ShiftInputs(s *Set, by float32) (*Set, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	c := s.Clone()
	for i := range c.X {
		c.X[i] += by
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	return c, nil
}

// Imbalanced keeps a part of the examples of one class, at random and at least one, and
// all of the others, in their order.
func Imbalanced(s *Set, class int, part float64, seed uint64) (*Set, error) {
	if err := s.checkPart("Imbalanced: part", part); err != nil {
		return nil, err
	}
	if class < 0 || class >= len(s.Classes) || Size(s.YShape) != 1 {
		return nil, s.wrap(fmt.Errorf("Imbalanced: class %d of %d, targets of shape %v, want an index and a label an example", class, len(s.Classes), s.YShape))
	}
	var of, keep []int
	for i, y := range s.Y {
		if int(y) == class {
			of = append(of, i)
		} else {
			keep = append(keep, i)
		}
	}
	if len(of) == 0 {
		return nil, s.wrap(fmt.Errorf("Imbalanced: class %d, %q, has no examples", class, s.Classes[class]))
	}
	n := max(1, int(math.Round(part*float64(len(of)))))
	for _, k := range stream(seed, 0).Perm(len(of))[:n] {
		keep = append(keep, of[k])
	}
	slices.Sort(keep)
	return s.Subset(keep)
}

// checkPart checks the set and a number in [0, 1].
func (s *Set) checkPart(what string, part float64) error {
	if err := s.Check(); err != nil {
		return err
	}
	if !(part >= 0 && part <= 1) {
		return s.wrap(fmt.Errorf("%s %v, want 0 to 1", what, part))
	}
	return nil
}
