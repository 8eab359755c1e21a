package sweep

import (
	"math"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"gonum.org/v1/gonum/stat/distuv"
)

// comparison is how the scores of an activation differ from those of another one.
type comparison struct {
	n    int     // seeds that both have
	mean float64 // of the differences; NaN without any
	// p is the probability of a mean that is as far from 0 or farther if the
	// differences were normally distributed around 0: Student's paired t-test, two-sided.
	// NaN for fewer than two seeds and where all differences are 0.
	p float64
}

// compare pairs the outcomes of equal seeds.
func compare(outcomes, reference []*Outcome, score int) comparison {
	other := map[uint64]float64{}
	for _, o := range reference {
		other[o.Run.Seed] = o.Scores[score]
	}
	var d []float64
	for _, o := range outcomes {
		if x, ok := other[o.Run.Seed]; ok {
			d = append(d, o.Scores[score]-x)
		}
	}
	s := cli.NewStats(d)
	c := comparison{n: s.N, mean: s.Mean, p: math.NaN()}
	if s.N >= 2 {
		t := s.Mean / (s.SD / math.Sqrt(float64(s.N)))
		c.p = 2 * distuv.StudentsT{Sigma: 1, Nu: float64(s.N - 1)}.CDF(-math.Abs(t))
	}
	return c
}
