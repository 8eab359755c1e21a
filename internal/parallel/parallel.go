// Package parallel is the project's worker pool.
package parallel

import (
	"sync"
	"sync/atomic"
)

// Each calls f for 0 … n−1, on that many workers at most, one of which is the caller. It
// returns when all calls have.
func Each(n, workers int, f func(k int)) {
	if workers = min(workers, n); workers <= 1 {
		for k := range n {
			f(k)
		}
		return
	}
	var taken atomic.Int64
	work := func() {
		for k := int(taken.Add(1)) - 1; k < n; k = int(taken.Add(1)) - 1 {
			f(k)
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
