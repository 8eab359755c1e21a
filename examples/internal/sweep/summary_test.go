package sweep

import (
	"bytes"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/stretchr/testify/require"
)

// TestSummary: means by hand, and a star where the differences over the seeds are far
// from 0 beside their spread.
func TestSummary(t *testing.T) {
	results := func(b ...float64) *Results {
		g := &cli.Grid{Activations: []string{"a", "b", "c"}, Rates: []float64{0.1}, Seeds: []uint64{1, 2, 3}}
		r := NewResults(g, Score{Name: "points", Higher: true})
		for k, x := range b {
			seed := uint64(k + 1)
			r.Add(&Outcome{Run: Run{"a", 0.1, seed}, Scores: []float64{float64(k)}})
			r.Add(&Outcome{Run: Run{"b", 0.1, seed}, Scores: []float64{x}})
		}
		return r
	}
	means, differences := Summary{Title: "means"}, Summary{Title: "differences", Differences: true}
	require.NoError(t, means.Print(&bytes.Buffer{})) // of nothing
	for name, r := range map[string]*Results{"sure": results(1, 2.1, 3)} {
		means.Add(name, r)
		differences.Add(name, r)
	}
	differences.Add("unsure", results(4, 0, 0))
	require.Equal(t, 2, differences.Len())
	var text bytes.Buffer
	require.NoError(t, means.Markdown(&text))
	require.Contains(t, text.String(), "|  | a | b | c |")
	require.Contains(t, text.String(), "| sure | 1.00 ± 1.00 | 2.03 ± 1.00 | – |")
	text.Reset()
	require.NoError(t, differences.Markdown(&text))
	require.Contains(t, text.String(), "| sure | 1.00 ± 1.00 | +1.03* | – |")
	require.Contains(t, text.String(), "| unsure | 1.00 ± 1.00 | +0.33 | – |")
}
