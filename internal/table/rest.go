package table

import (
	"sync"

	"github.com/ditac-go/ditac/internal/kernel"
)

// rest collects the elements of a slice that a fine grid leaves to the pieces: many at
// once take a fraction of the time that they would take one by one.
type rest struct {
	odd      kernel.Odd // those of a block
	evaluate func(r *rest)

	n       int // the number of them
	at      [restLen]int32
	x, g, y [restLen]float32
}

const (
	restEnough = blockLen
	restLen    = restEnough + blockLen // a block may be added to what is not quite enough
)

var rests = sync.Pool{New: func() any { return new(rest) }}

// newRest returns one for a slice; evaluate gets the elements when there are enough.
func newRest(evaluate func(r *rest)) *rest {
	r := rests.Get().(*rest)
	r.evaluate, r.n = evaluate, 0
	return r
}

// add adds the odd elements of the block at a place in the slice.
func (r *rest) add(at int, x, g []float32) {
	r.odd.Each(func(i int) {
		r.at[r.n], r.x[r.n], r.g[r.n] = int32(at+i), x[i], g[i]
		r.n++
	})
	if r.n >= restEnough {
		r.evaluate(r)
		r.n = 0
	}
}

// scatter puts the results where they belong.
func (r *rest) scatter(dst []float32) {
	for k, y := range r.y[:r.n] {
		dst[r.at[k]] = y
	}
}

// done evaluates what is left.
func (r *rest) done() {
	if r.n > 0 {
		r.evaluate(r)
	}
	r.evaluate = nil
	rests.Put(r)
}
