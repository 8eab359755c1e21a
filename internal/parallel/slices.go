package parallel

import "runtime"

// Slices cut n elements into slices that may be worked on at the same time. They depend
// on n only, so that sums over slices, added in order, have the same bits for any number
// of workers.
type Slices struct{ n, length int }

// maxSlices bounds the memory of sums per slice.
const maxSlices = 64

// SlicesOf returns slices of at least the given length; the last may be shorter.
func SlicesOf(n, length int) Slices {
	if most := (n + maxSlices - 1) / maxSlices; length < most {
		length *= (most + length - 1) / length
	}
	return Slices{n, length}
}

// Count returns the number of slices.
func (s Slices) Count() int { return (s.n + s.length - 1) / s.length }

// Each calls f for every slice from..to, on up to GOMAXPROCS goroutines; on that of the
// caller if there is one slice only.
func (s Slices) Each(f func(slice, from, to int)) {
	count := s.Count()
	if count == 1 {
		f(0, 0, s.n)
		return
	}
	Each(count, runtime.GOMAXPROCS(0), func(k int) { f(k, k*s.length, min((k+1)*s.length, s.n)) })
}
