package table

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models/data"
)

// Spoil makes data worse than they are, as real ones are. All random choices follow from
// the seed of the run.
type Spoil struct {
	LabelNoise    float64 // part of the rows to train on whose target is wrong
	MissingInputs float64 // part of the inputs to train on that are missing
	ShiftTest     float64 // what is added to the test's inputs, in standard deviations
	Imbalance     float64 // part of the rarest class's rows to train on that are kept; 1 for all
	Rows          int     // number of rows to train on; 0 for all

	rare int // the rarest class of all rows, set by check
}

func (p *Spoil) register(f *flag.FlagSet) {
	p.Imbalance = 1
	f.Float64Var(&p.LabelNoise, "label-noise", 0, "`part` of the rows to train on that get another class, or the number of another row; the test's labels stay")
	f.Float64Var(&p.MissingInputs, "missing-inputs", 0, "`part` of the inputs of the rows to train on that are taken for the mean of their column")
	f.Float64Var(&p.ShiftTest, "shift", 0, "number of `standard deviations` that is added to all inputs of the test")
	f.Float64Var(&p.Imbalance, "imbalance", 1, "`part` of the rarest class's rows to train on that are kept; balanced accuracy then says more than accuracy")
	f.IntVar(&p.Rows, "rows", 0, "`number` of rows to train on, with the share that each class has; 0 for all that are not the test's")
}

// check reports what is wrong with the flags for a set of which a part is for the test.
func (p *Spoil) check(s *data.Set, test float64) error {
	for _, part := range []struct {
		flag  string
		value float64
	}{{"label-noise", p.LabelNoise}, {"missing-inputs", p.MissingInputs}} {
		if !(part.value >= 0 && part.value <= 1) {
			return fmt.Errorf("-%s: %v, want a part from 0 to 1", part.flag, part.value)
		}
	}
	if p.ShiftTest-p.ShiftTest != 0 || math.Abs(p.ShiftTest) > 1e6 {
		return fmt.Errorf("-shift: %v, want a number of standard deviations from -1e6 to 1e6", p.ShiftTest)
	}
	if !(p.Imbalance > 0 && p.Imbalance <= 1) {
		return fmt.Errorf("-imbalance: %v, want a part above 0 and up to 1", p.Imbalance)
	}
	if p.Imbalance < 1 && s.Classes == nil {
		return fmt.Errorf("-imbalance: %v, but %s has no classes", p.Imbalance, s.Name)
	}
	if s.Classes != nil {
		p.rare = rarest(s)
	}
	if p.Rows == 0 {
		return nil
	}
	kept, _, err := s.Split(1-test, 0)
	if err != nil {
		return err
	}
	return cli.Range("rows", p.Rows, 2, kept.Len())
}

// Streams of random numbers of a seed, beside that of the division.
const (
	imbalanceStream = 1<<32 + iota
	rowsStream
	noiseStream
	missingStream
)

// thin leaves out rows to train on.
func (p *Spoil) thin(s *data.Set, seed uint64) (*data.Set, error) {
	var err error
	if p.Imbalance < 1 {
		if s, err = data.Imbalanced(s, p.rare, p.Imbalance, seed+imbalanceStream); err != nil {
			return nil, fmt.Errorf("-imbalance: %w", err)
		}
	}
	if p.Rows > 0 && p.Rows < s.Len() {
		if s, _, err = s.Split(float64(p.Rows)/float64(s.Len()), seed+rowsStream); err != nil {
			return nil, fmt.Errorf("-rows: %w", err)
		}
	}
	return s, nil
}

// rarest returns the class with the fewest rows among those that have some.
func rarest(s *data.Set) int {
	counts := s.Counts()
	best := slices.Index(counts, slices.Max(counts))
	for k, n := range counts {
		if n > 0 && n < counts[best] {
			best = k
		}
	}
	return best
}

// blur makes labels wrong and inputs missing in the scaled rows to train on, and shifts
// the inputs of the test's.
func (p *Spoil) blur(kept, test *data.Set, seed uint64) (_, _ *data.Set, err error) {
	switch {
	case p.LabelNoise == 0:
	case kept.Classes != nil:
		if kept, err = data.NoisyLabels(kept, p.LabelNoise, seed+noiseStream); err != nil {
			return nil, nil, fmt.Errorf("-label-noise: %w", err)
		}
	default:
		kept = exchanged(kept, p.LabelNoise, seed+noiseStream)
	}
	if p.MissingInputs > 0 {
		if kept, err = data.MissingInputs(kept, p.MissingInputs, 0, seed+missingStream); err != nil {
			return nil, nil, fmt.Errorf("-missing-inputs: %w", err)
		}
	}
	if p.ShiftTest != 0 {
		if test, err = data.ShiftInputs(test, float32(p.ShiftTest)); err != nil {
			return nil, nil, fmt.Errorf("-shift: %w", err)
		}
	}
	return kept, test, nil
}

// exchanged returns a copy in which a part of the rows, chosen at random, have each the
// target of the next one of them: wrong numbers of the right distribution.
func exchanged(s *data.Set, part float64, seed uint64) *data.Set {
	c := s.Clone()
	n := data.Size(s.YShape)
	rows := rand.New(rand.NewPCG(seed, 0)).Perm(s.Len())[:int(math.Round(part*float64(s.Len())))]
	for k, i := range rows {
		from := rows[(k+1)%len(rows)]
		copy(c.Y[i*n:(i+1)*n], s.Y[from*n:])
	}
	return c
}
