package models

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/ditac-go/ditac/internal/gop"
	"github.com/ditac-go/ditac/internal/values"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Dropout sets each number to 0 with a probability p in Training and divides the others by
// 1 − p, so that their expectation stays; in Evaluation it does nothing. From Srivastava et
// al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014.
//
// Which numbers it drops depends on the seed and on how many Training passes there were, and
// on nothing else. That count is its State: a training that goes on from a checkpoint drops
// what the unbroken one would have.
type Dropout struct {
	p     float64
	seed  uint64
	mode  Mode
	count *gorgonia.Node
}

// maxCount is where the count of passes starts again: a float32 holds it exactly.
const maxCount = 1 << 24

// NewDropout makes a dropout with probability p, 0 ≤ p < 1, in the graph g. name is the
// prefix of the name of its count. Places of one network ought to have different seeds.
func NewDropout(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, p float64, seed uint64, mode Mode) (*Dropout, error) {
	if err := checkDropout("p", p); err != nil {
		return nil, fmt.Errorf("models: NewDropout: %w", err)
	}
	if err := mode.check(); err != nil {
		return nil, fmt.Errorf("models: NewDropout: %w", err)
	}
	count, err := newLearnable(g, dt, tensor.Shape{1}, name+".count", []float64{0})
	if err != nil {
		return nil, err
	}
	return &Dropout{p: p, seed: seed, mode: mode, count: count}, nil
}

func checkDropout(name string, p float64) error {
	if !(p >= 0 && p < 1) {
		return fmt.Errorf("%s is %v, want at least 0 and less than 1", name, p)
	}
	return nil
}

// State returns the count of Training passes.
func (d *Dropout) State() gorgonia.Nodes { return gorgonia.Nodes{d.count} }

// Apply returns the node of x with numbers dropped; x itself in Evaluation. Each Apply drops
// numbers of its own.
func (d *Dropout) Apply(x *gorgonia.Node) (*gorgonia.Node, error) {
	if d.count == nil {
		return nil, fmt.Errorf("models: Dropout.Apply: the Dropout was not made by NewDropout")
	}
	if err := checkNode(x); err != nil {
		return nil, fmt.Errorf("models: Dropout.Apply: x %w", err)
	}
	if d.mode == Evaluation || d.p == 0 {
		return x, nil
	}
	m := &masks{p: d.p, seed: d.seed, dims: x.Dims(), id: lastMasks.Add(1)}
	y, err := apply([]namedNode{{"x", x, x.Dims()}, {"count", d.count, 1}}, func() (*gop.Op, error) { return m.forward(), nil })
	if err != nil {
		return nil, fmt.Errorf("models: Dropout.Apply: %w", err)
	}
	return y, nil
}

// drops are the dropouts of a network with one probability for all places; none if it is 0.
type drops struct {
	p      float64
	seed   uint64
	mode   Mode
	places []*Dropout
}

// checkDrops reports what is wrong with a configuration's Dropout and Mode.
func checkDrops(p float64, mode Mode) error {
	if err := checkDropout("Dropout", p); err != nil {
		return err
	}
	return mode.check()
}

// add makes the dropout of the next place, whose name is given.
func (d *drops) add(b *base, g *gorgonia.ExprGraph, dt tensor.Dtype, name string) error {
	if d.p == 0 {
		return nil
	}
	place, err := NewDropout(g, dt, name+".dropout", d.p, mix(d.seed)+uint64(len(d.places)), d.mode)
	if err != nil {
		return err
	}
	d.places = append(d.places, place)
	b.state = append(b.state, place.State()...)
	return nil
}

// drop applies the dropout of a place.
func (d *drops) drop(place int, x *gorgonia.Node) (*gorgonia.Node, error) {
	if len(d.places) == 0 {
		return x, nil
	}
	return d.places[place].Apply(x)
}

// masks are the ops of one Apply of a Dropout. They share the mask of the last pass.
type masks struct {
	p    float64
	seed uint64
	dims int
	id   int64  // by which Gorgonia tells it from another Apply
	key  uint64 // of the last pass
}

// lastMasks numbers the Applies of the program.
var lastMasks atomic.Int64

// forward's inputs are x and the count of passes, which it moves on.
func (m *masks) forward() *gop.Op {
	return &gop.Op{
		Kind: "models.dropout", Params: []any{m.id, m.p, m.seed}, In: []int{m.dims, 1}, Out: m.dims,
		Shape:   gop.Like(0),
		Compute: gop.Numbers(drop[float32](m), drop[float64](m)),
		State:   []int{1},
		Device:  m.device(),
		// The result is an input of the gradient so that it comes after it.
		Grads: []gop.Gradient{{Op: m.backward(), From: []int{gop.Result, gop.Upstream}}},
	}
}

// backward is the gradient to x: its inputs are the result and the gradient to it.
func (m *masks) backward() *gop.Op {
	return &gop.Op{
		Kind: "models.dropoutDx", Name: "dropout gradient", Params: []any{m.id, m.p, m.seed}, In: []int{m.dims, m.dims}, Out: m.dims,
		Shape:   gop.Like(0),
		Compute: gop.Numbers(dropDx[float32](m), dropDx[float64](m)),
		Device:  m.dxDevice(),
	}
}

func drop[T values.Float](m *masks) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		if len(c.In[1]) != 1 {
			return fmt.Errorf("count of shape %v, want one number", c.Values[1].Shape())
		}
		count := math.Mod(float64(c.In[1][0])+1, maxCount)
		if err := values.Store(c.Values[1], []T{T(count)}); err != nil {
			return err
		}
		m.key = mix(m.seed ^ mix(uint64(int64(count))))
		mask(m, c.Out, c.In[0])
		return nil
	}
}

func dropDx[T values.Float](m *masks) func(gop.Call[T]) error {
	return func(c gop.Call[T]) error {
		if len(c.In[1]) != len(c.In[0]) {
			return fmt.Errorf("gradient of shape %v for a result of shape %v", c.Values[1].Shape(), c.Values[0].Shape())
		}
		mask(m, c.Out, c.In[1])
		return nil
	}
}

// limit is that of the upper 32 bits of the numbers of those that are dropped.
func (m *masks) limit() uint64 { return uint64(m.p * (1 << 32)) }

// mask sets dst to x where the mask of the last pass keeps it, divided by 1 − p, else to 0.
func mask[T values.Float](m *masks, dst, x []T) {
	scale := T(1 / (1 - m.p))
	limit := m.limit()
	for i, e := range x {
		if mix(m.key+uint64(i))>>32 < limit {
			dst[i] = 0
		} else {
			dst[i] = e * scale
		}
	}
}

// mix spreads the bits of a counter over a uniform random number: the step and the finaliser
// of SplitMix64, from Steele et al., "Fast splittable pseudorandom number generators", 2014.
func mix(x uint64) uint64 {
	x = (x + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
