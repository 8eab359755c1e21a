package pace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPace: of pieces of 50 ms, asked for every 10 ms in 100 s, at most 1 % and what is free
// is spent, and no two come within the gap.
func TestPace(t *testing.T) {
	p := Pace{Free: 300 * time.Millisecond, Gap: time.Second}
	p.Start(50 * time.Millisecond)
	require.False(t, p.Due(0)) // the gap counts from the start
	var pieces []time.Duration
	for now := time.Duration(0); now < 100*time.Second; now += 10 * time.Millisecond {
		if p.Due(now) {
			p.Took(now, 50*time.Millisecond)
			pieces = append(pieces, now)
		}
	}
	require.Len(t, pieces, 25) // (300 ms + 1 % of 100 s) / 50 ms, less the one that would end beyond
	for i := range pieces[1:] {
		require.GreaterOrEqual(t, pieces[i+1]-pieces[i], time.Second)
	}
}

// TestNothingFree: without free time the first piece waits for a hundred times its cost.
func TestNothingFree(t *testing.T) {
	var p Pace
	p.Start(20 * time.Millisecond)
	require.False(t, p.Due(1999*time.Millisecond))
	require.True(t, p.Due(2*time.Second))
}
