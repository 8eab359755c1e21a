package curve

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// slicing cuts n elements into slices that may be worked on at the same time. It
// depends on n only, so that sums over slices, added in order, have the same bits
// for any number of workers.
type slicing struct{ n, length int }

// maxSlices bounds the memory of sums per slice.
const maxSlices = 64

// newSlicing returns slices of at least the given length (the last may be
// shorter).
func newSlicing(n, length int) slicing {
	if most := (n + maxSlices - 1) / maxSlices; length < most {
		length *= (most + length - 1) / length
	}
	return slicing{n, length}
}

func (s slicing) count() int { return (s.n + s.length - 1) / s.length }

// each calls f for every slice from..to, on up to GOMAXPROCS goroutines; on that of
// the caller if there is one slice only.
func (s slicing) each(f func(slice, from, to int)) {
	count := s.count()
	workers := min(runtime.GOMAXPROCS(0), count)
	run := func(next func() int) {
		for k := next(); k < count; k = next() {
			f(k, k*s.length, min((k+1)*s.length, s.n))
		}
	}
	if workers <= 1 {
		k := -1
		run(func() int { k++; return k })
		return
	}
	var taken atomic.Int64
	next := func() int { return int(taken.Add(1)) - 1 }
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			run(next)
		}()
	}
	run(next)
	wg.Wait()
}

// Lengths of slices: long enough for what a slice costs to be small beside the
// work on its elements.
const (
	exactSlice = 1 << 10
	tableSlice = 1 << 16 // a multiple of momentBlock
)
