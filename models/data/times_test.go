package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTimes: days since the first, and angles in the year, the week (which begins on
// Sunday) and the day.
func TestTimes(t *testing.T) {
	// 2024-07-01 is a Monday, and 182 of the 366 days of 2024 are before it.
	const text = "when,y\n2024-07-01 06:00,1\n2024-06-30 00:00,2\n?,3\n"
	s, _, err := parse(text, TableOptions{Times: []string{"when"}, Missing: ImputeMean})
	require.NoError(t, err)
	require.NoError(t, s.Check())
	require.Equal(t, []string{"when", "when:year sin", "when:year cos", "when:week sin", "when:week cos", "when:day sin", "when:day cos"}, s.Inputs)
	angle := func(part float64) []float64 {
		return []float64{math.Sin(2 * math.Pi * part), math.Cos(2 * math.Pi * part)}
	}
	row := func(days float64, phases ...float64) []float64 {
		x := []float64{days}
		for _, p := range phases {
			x = append(x, angle(p)...)
		}
		return x
	}
	first, second := row(1.25, 182.25/366, 1.25/7, 0.25), row(0, 181.0/366, 0, 0)
	for i := range first {
		require.InDelta(t, first[i], s.X[i], 1e-6)
		require.InDelta(t, second[i], s.X[7+i], 1e-6)
		require.InDelta(t, (first[i]+second[i])/2, s.X[14+i], 1e-6) // the missing one
	}

	s, report, err := parse("when,y\n2023-03-02,1\n,2\n2023/03/01,2\n", TableOptions{Times: []string{"when"}, Missing: ZeroMissing})
	require.NoError(t, err)
	require.Equal(t, []int{5}, s.XShape) // no times of day
	require.Equal(t, make([]float32, 5), s.X[5:10])
	require.Equal(t, float32(1), s.X[0])
	require.Equal(t, 1, report.Imputed["when"])

	s, _, err = parse("when,y\n31.12.2023,1\n01.01.2024,2\n", TableOptions{Times: []string{"when"}, TimeLayouts: []string{"02.01.2006"}})
	require.NoError(t, err)
	require.Equal(t, float32(1), s.X[5])
}

func TestTimesBad(t *testing.T) {
	for text, want := range map[string]string{
		"when,y\n2024-01-01,1\n2024-13-01,1\n": `line 3, column "when": "2024-13-01" is no time`,
		"when,y\n,1\n":                         `column "when" has no values`,
		"y,when\n1,2024-01-01\n":               `the target "when" is among the columns of times`,
		"a,y\n1,1\n":                           `Times: no column "when"`,
	} {
		_, _, err := parse(text, TableOptions{Times: []string{"when"}, Missing: ImputeMean})
		require.ErrorContains(t, err, want)
	}
}

// TestCures: errors that an option cures are known by errors.Is.
func TestCures(t *testing.T) {
	for text, want := range map[string]error{
		"a,y\n,1\n1,2\n":         ErrMissing,
		"a,y\np,1\nq,2\nr,3\n":   ErrWords,
		"a,y\n1,1\n2,2\nthree,3": ErrMixed,
	} {
		_, _, err := parse(text, TableOptions{MaxWords: 2})
		require.ErrorIs(t, err, want)
	}
}
