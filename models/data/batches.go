package data

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Source fills the inputs of a training's steps.
type Source interface {
	// Fill writes the inputs and targets of a batch, one example after another. What it
	// writes depends on step (0, 1, …) alone, so that a training which is resumed sees
	// the same numbers as one that never stopped.
	Fill(step int, x, y []float32) error
}

// Batches is the Source of mini-batches of a set. Every epoch goes through the
// examples in a new random order, which follows from the seed and the number of the
// epoch. The last examples of an epoch's order, if they are fewer than a batch, are
// left out of it: a graph has one batch size.
type Batches struct {
	// Augment, if not nil, changes the inputs x of one example, of the given shape, in
	// place, with random numbers from rng, which follow from the seed, the step and
	// the place in the batch. x is a copy.
	Augment func(x []float32, shape []int, rng *rand.Rand)

	set  *Set
	size int
	seed uint64

	mu    sync.Mutex
	epoch int
	order []int // of that epoch
}

// NewBatches returns batches of size examples of a set, which Check accepts. The
// memory of the set is read as batches are filled.
func NewBatches(s *Set, size int, seed uint64) (*Batches, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if size < 1 || size > s.Len() {
		return nil, s.wrap(fmt.Errorf("NewBatches: batches of %d of %d examples, want 1 to %[2]d", size, s.Len()))
	}
	return &Batches{set: s, size: size, seed: seed, epoch: -1}, nil
}

// Size returns the number of examples of a batch.
func (b *Batches) Size() int { return b.size }

// StepsPerEpoch returns the number of batches in an epoch.
func (b *Batches) StepsPerEpoch() int { return b.set.Len() / b.size }

// Fill implements [Source]. x and y must have the lengths of a batch.
func (b *Batches) Fill(step int, x, y []float32) error {
	s := b.set
	nx, ny := Size(s.XShape), Size(s.YShape)
	if step < 0 {
		return s.wrap(fmt.Errorf("Fill: step %d is negative", step))
	}
	if len(x) != b.size*nx || len(y) != b.size*ny {
		return s.wrap(fmt.Errorf("Fill: %d inputs and %d targets, want %d and %d for a batch of %d", len(x), len(y), b.size*nx, b.size*ny, b.size))
	}
	steps := b.StepsPerEpoch()
	order := b.shuffled(step / steps)
	for k, e := range order[step%steps*b.size:][:b.size] {
		ex, ey := s.Example(e)
		copy(x[k*nx:], ex)
		copy(y[k*ny:], ey)
		if b.Augment != nil {
			place := uint64(step)*uint64(b.size) + uint64(k)
			b.Augment(x[k*nx:(k+1)*nx], s.XShape, stream(^b.seed, place))
		}
	}
	return nil
}

// shuffled returns the order of an epoch; the last one that was asked for is kept.
func (b *Batches) shuffled(epoch int) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.epoch != epoch {
		b.epoch, b.order = epoch, stream(b.seed, uint64(epoch)).Perm(b.set.Len())
	}
	return b.order
}
