package sweep

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/stretchr/testify/require"
)

func grid(t *testing.T, workers int) *cli.Grid {
	return &cli.Grid{Activations: []string{"a", "b"}, Rates: []float64{0.1}, Seeds: []uint64{1, 2, 3}, Steps: 2, Workers: workers, Quiet: true, Out: filepath.Join(t.TempDir(), "out")}
}

// points scores a run by its seed, rate and activation: a's are 10·seed·rate, and b's
// are greater by 1 or 2.
func points(r Run) float64 {
	x := 10 * float64(r.Seed) * r.Rate
	if r.Activation == "b" {
		x += 1 + float64(r.Seed%2)
	}
	return x
}

type settings struct{ Batch int }

// program is a program that trains by points.
func program(g *cli.Grid) Program {
	return Program{
		Name: "test", Grid: g, Scores: []Score{{Name: "points", Higher: true}}, Settings: settings{5},
		Train: func(_ context.Context, r Run, progress func()) (*Outcome, error) {
			progress()
			return &Outcome{Scores: []float64{points(r)}, Params: 7, TrainSeconds: 1, InferSeconds: 0.25, Arrays: map[string][]float32{"x": {float32(r.Seed), float32(math.Inf(1))}}}, nil
		},
		Files: []File{
			{"typical.txt", func(path string, res *Results) error {
				return os.WriteFile(path, []byte(res.Typical("b").Run.String()), 0o600)
			}},
			{"nothing.txt", func(string, *Results) error { return ErrNothing }},
		},
	}
}

// run runs a program and returns what it printed.
func run(t *testing.T, p Program, status int) (out, messages string) {
	t.Helper()
	var o, m bytes.Buffer
	require.Equal(t, status, p.Run(context.Background(), &o, &m), m.String())
	return o.String(), m.String()
}

// fails is a Train that a program ought not to call.
func fails(context.Context, Run, func()) (*Outcome, error) { return nil, errors.New("trained") }

// TestProgram makes the trainings on one worker and on several: with the same results.
// The differences of b to a are 2, 1, 2: their mean is 5/3, their standard deviation
// 1/√3, t = 5, and p = 1 − t/√(t²+2), the closed form of two degrees of freedom.
func TestProgram(t *testing.T) {
	for _, workers := range []int{1, 4} {
		g := grid(t, workers)
		out, messages := run(t, program(g), 0)
		require.Empty(t, messages)
		require.Equal(t, `points (higher is better), rate 0.1
  activation  rate  mean  ± sd  median   min   max  seeds  over a      p       s/run        test ms  parameters
           a   0.1  2.00  1.00    2.00  1.00  3.00      3       –      –  1.0 (1.0×)  250.00 (1.0×)           7
           b   0.1  3.67  1.15    3.00  3.00  5.00      3   +1.67  0.038  1.0 (1.0×)  250.00 (1.0×)           7
p: two-sided paired t-test against a over the seeds that both have

wrote `+strings.Join([]string{g.Path("scores.csv"), g.Path("table.md"), g.Path("scores.png"), g.Path("typical.txt")}, ", ")+"\n", out)
		require.InDelta(t, 0.038, 1-5/math.Sqrt(27), 0.0005)
		got, err := os.ReadFile(g.Path("typical.txt"))
		require.NoError(t, err)
		require.Equal(t, "b, rate 0.1, seed 2", string(got))
		scores, err := os.ReadFile(g.Path("scores.csv"))
		require.NoError(t, err)
		require.Equal(t, 1+6, strings.Count(string(scores), "\n"))
		require.Contains(t, string(scores), "activation,rate,seed,points,seconds,parameters,test seconds\na,0.1,1,1,1,7,0.25\n")
		table, err := os.ReadFile(g.Path("table.md"))
		require.NoError(t, err)
		require.Contains(t, string(table), "| a | 0.1 | 2.00 | 1.00 |")
	}
}

// TestBestRate: each activation is shown at its own best rate, by the mean of the first
// score, also where lower is better; a rate with fewer seeds does not count.
func TestBestRate(t *testing.T) {
	g := grid(t, 1)
	g.Rates = []float64{0.2, 0.1, 0.4}
	p := program(g)
	p.Scores = append(p.Scores, Score{Name: "loss"})
	p.Train = func(_ context.Context, r Run, _ func()) (*Outcome, error) {
		x := map[Run]float64{{"a", 0.1, 1}: 9, {"b", 0.2, 1}: 9}[Run{r.Activation, r.Rate, 1}]
		return &Outcome{Scores: []float64{x + float64(r.Seed), 3 - x}}, nil
	}
	p.Files = nil
	out, _ := run(t, p, 0)
	require.Contains(t, out, "each activation at its best rate of 0.2, 0.1, 0.4, by its mean points")
	require.Contains(t, out, "           a  0.1*  11.00")
	require.Contains(t, out, "           b   0.2  11.00  1.00   11.00  10.00  12.00      3   +0.00  –")
	require.Contains(t, out, "*: the lowest or the highest of the rates")
	require.Contains(t, out, "points: mean (worst) at each rate\n  activation       rate 0.2       rate 0.1     rate 0.4  seeds\n           a    2.00 (1.00)  11.00 (10.00)  2.00 (1.00)      3\n")
	require.Contains(t, out, "loss (lower is better)")
	require.Contains(t, out, "b   0.2  -6.00") // at the rate that its points choose

	r := NewResults(g, Score{Name: "loss"})
	for _, seed := range g.Seeds {
		r.Add(&Outcome{Run: Run{"a", 0.1, seed}, Scores: []float64{2}})
		r.Add(&Outcome{Run: Run{"a", 0.4, seed}, Scores: []float64{1}})
		r.Add(&Outcome{Run: Run{"b", 0.1, seed}, Scores: []float64{math.NaN()}})
		r.Add(&Outcome{Run: Run{"b", 0.4, seed}, Scores: []float64{1}})
	}
	r.Add(&Outcome{Run: Run{"a", 0.2, 1}, Scores: []float64{0}})
	require.Equal(t, 0.4, r.BestRate("a"))
	require.Equal(t, 0.4, r.BestRate("b"))
	require.Equal(t, 0.2, r.BestRate("c"))
	require.Nil(t, r.Typical("c"))
}

// TestResume: what an interrupted program has done, the next one does not do again, and
// the results are those of an unbroken one.
func TestResume(t *testing.T) {
	g := grid(t, 1)
	p := program(g)
	unbroken, _ := run(t, program(grid(t, 1)), 0)
	ctx, cancel := context.WithCancel(context.Background())
	train := p.Train
	made := 0
	p.Train = func(ctx context.Context, r Run, progress func()) (*Outcome, error) {
		if made++; made == 4 {
			cancel()
			return nil, nil
		}
		return train(ctx, r, progress)
	}
	var out, messages bytes.Buffer
	require.Equal(t, 130, p.Run(ctx, &out, &messages))
	require.Contains(t, messages.String(), "interrupted")
	require.Contains(t, messages.String(), "3 of 6 runs missing: (b, rate 0.1, seed 2), (a, rate 0.1, seed 3), (b, rate 0.1, seed 3)")
	require.Contains(t, out.String(), "b   0.1  3.00     –    3.00  3.00  3.00      1")
	rest, _ := run(t, p, 0)
	require.Equal(t, 4+3, made)
	cut := func(s string) string { return s[:strings.Index(s, "wrote")] } // the folders differ
	require.Equal(t, cut(unbroken), cut(rest))
	run(t, p, 0)
	require.Equal(t, 4+3, made)
	g.Quiet = false
	_, said := run(t, p, 0)
	require.Contains(t, said, "6 of 6 runs are done")
	g.Quiet, g.Fresh = true, true
	run(t, p, 0)
	require.Equal(t, 4+3+6, made)
}

// TestOtherSettings: outcomes of other settings are refused, and left alone, and so are
// files that are damaged or of another run.
func TestOtherSettings(t *testing.T) {
	g := grid(t, 1)
	run(t, program(g), 0)
	p := program(g)
	p.Train = fails
	p.Settings = settings{6}
	_, messages := run(t, p, 2)
	require.Contains(t, messages, "a_lr0.1_seed1.json: made with other settings: Batch 5 there, 6 here; choose another folder with -out, or make the runs anew with -fresh")
	p = program(g)
	p.Train = fails
	g.Steps = 3
	_, messages = run(t, p, 2)
	require.Contains(t, messages, "Steps 2 there, 3 here")
	g.Steps = 2
	run(t, p, 0)
	file := g.Path("runs/a_lr0.1_seed2.json")
	other, err := os.ReadFile(g.Path("runs/a_lr0.1_seed1.json"))
	require.NoError(t, err)
	for want, data := range map[string][]byte{
		"holds the run a, rate 0.1, seed 1": other,
		file:                                other[:100],
		"no score \"points\"":               bytes.Replace(bytes.Replace(other, []byte(`"points"`), []byte(`"other"`), 1), []byte(`"seed": 1`), []byte(`"seed": 2`), 1),
		"array of 3 bytes":                  bytes.Replace(other, []byte(`"AACAPwAAgH8="`), []byte(`"AACA"`), 1),
	} {
		require.NoError(t, os.WriteFile(file, data, 0o600))
		_, messages = run(t, p, 2)
		require.Contains(t, messages, want)
	}
}

// TestShards: the shards have every run once, as many each, and as many of each
// activation; -merge puts them together as if they had been one.
func TestShards(t *testing.T) {
	g := grid(t, 1)
	g.Activations = []string{"a", "b", "c"}
	g.Rates = []float64{0.1, 0.2}
	all := runs(g)
	for shards := 1; shards <= len(all)+1; shards++ {
		seen := map[Run]int{}
		for k := 1; k <= shards; k++ {
			g.Shard, g.Shards = k, shards
			part := shard(g, all)
			require.InDelta(t, float64(len(all))/float64(shards), len(part), 0.999)
			of := map[string]int{}
			for _, r := range part {
				seen[r]++
				of[r.Activation]++
			}
			for _, a := range g.Activations {
				require.InDelta(t, 6/float64(shards), of[a], 0.999)
			}
		}
		require.Len(t, seen, len(all))
		for r, n := range seen {
			require.Equal(t, 1, n, r)
		}
	}

	g = grid(t, 1)
	whole, _ := run(t, program(g), 0)
	var folders []string
	for k := 1; k <= 2; k++ {
		s := grid(t, 1)
		s.Shard, s.Shards = k, 2
		out, _ := run(t, program(s), 0)
		require.Contains(t, out, "3 of its 3 runs done")
		require.NoFileExists(t, s.Path("scores.csv"))
		folders = append(folders, s.Out)
	}
	m := grid(t, 1)
	m.Merge, m.Folders = true, folders
	p := program(m)
	p.Train = fails
	out, messages := run(t, p, 0)
	require.Empty(t, messages)
	require.Equal(t, whole[:strings.Index(whole, "wrote")], out[:strings.Index(out, "wrote")])
	m.Folders = folders[:1]
	_, messages = run(t, p, 1)
	require.Contains(t, messages, "3 of 6 runs missing")
	none := grid(t, 1) // a part that has none of the runs
	none.Shard, none.Shards = 7, 7
	run(t, program(none), 0)
	m.Folders = append(folders, none.Out)
	run(t, p, 0)
	m.Folders = []string{"none"}
	_, messages = run(t, p, 2)
	require.Contains(t, messages, "-merge")
	m.Folders = folders
	p.Settings = settings{9}
	_, messages = run(t, p, 2)
	require.Contains(t, messages, "other settings")

	other := grid(t, 1) // the same runs with other scores, as if another version had made them
	q := program(other)
	q.Train = func(_ context.Context, r Run, _ func()) (*Outcome, error) {
		return &Outcome{Scores: []float64{0}}, nil
	}
	run(t, q, 0)
	m.Folders = append(folders, other.Out)
	p = program(m)
	_, messages = run(t, p, 2)
	require.Contains(t, messages, "other scores")
}

// TestEstimate: a training of 100 steps of some 5 ms each, and one of 15 ms, on two
// workers, are about a second's work; a budget below refuses them.
func TestEstimate(t *testing.T) {
	g := grid(t, 2)
	g.Steps, g.Seeds = 100, []uint64{1}
	p := program(g)
	var trained atomic.Int32
	p.Train = func(ctx context.Context, r Run, progress func()) (*Outcome, error) {
		for range g.Steps {
			if ctx.Err() != nil {
				return nil, nil
			}
			time.Sleep(map[string]time.Duration{"a": 5, "b": 15}[r.Activation] * time.Millisecond)
			progress()
		}
		trained.Add(1)
		return &Outcome{Scores: []float64{1}}, nil
	}
	d := p.estimate(context.Background(), runs(g))
	require.InDelta(t, 1.5, d.Seconds(), 0.5) // the longest; a sleep may take longer where much else runs
	g.Budget = 100 * time.Millisecond
	_, messages := run(t, p, 2)
	require.Contains(t, messages, "2 runs to make: about 10s or less on 2 workers")
	require.Contains(t, messages, "-budget: 100ms")
	require.Zero(t, trained.Load())
	for want, d := range map[string]time.Duration{"10s or less": time.Second, "1m35s": 95 * time.Second, "12m": 12*time.Minute + 9*time.Second, "1h12m": 72 * time.Minute, "3.5h": 210 * time.Minute} {
		require.Equal(t, want, about(d))
	}
}

// TestNumbers: a file keeps every bit of scores and arrays.
func TestNumbers(t *testing.T) {
	g := grid(t, 1)
	p := program(g)
	p.Scores = []Score{{Name: "x"}, {Name: "y"}, {Name: "z"}, {Name: "none"}}
	s, err := newStore(p, g.Out)
	require.NoError(t, err)
	o := &Outcome{
		Run: Run{"a", 1e-7, math.MaxUint64}, Scores: []float64{1.0 / 3, math.Inf(-1), math.Copysign(0, -1), math.NaN()}, Params: 3, TrainSeconds: 0.1,
		Arrays: map[string][]float32{"x": {1.0 / 3, float32(math.Inf(1)), math.SmallestNonzeroFloat32}, "empty": {}},
	}
	require.NoError(t, s.save(o))
	got, err := s.load(o.Run)
	require.NoError(t, err)
	require.True(t, math.IsNaN(got.Scores[3]))
	require.True(t, math.Signbit(got.Scores[2]))
	got.Scores[3], o.Scores[3] = 0, 0
	require.Equal(t, o, got)
	none, err := s.load(Run{"a", 1, 1})
	require.NoError(t, err)
	require.Nil(t, none)
	require.ErrorContains(t, s.save(&Outcome{Scores: []float64{1}}), "1 scores, want 4")
}

// TestFailures: a training that fails is reported, and so are the others.
func TestFailures(t *testing.T) {
	p := program(grid(t, 2))
	train := p.Train
	p.Train = func(ctx context.Context, r Run, progress func()) (*Outcome, error) {
		if r.Activation == "b" {
			return nil, errors.New("broken")
		}
		return train(ctx, r, progress)
	}
	p.Files = nil
	out, messages := run(t, p, 1)
	require.Contains(t, messages, "test: b, rate 0.1, seed 1: broken")
	require.Contains(t, out, "           b     –     –     –       –     –     –      0       –  –           –              –           –\n")
	require.Contains(t, out, "           a   0.1  2.00")
	p.Grid = grid(t, 1)
	p.Train = fails
	out, messages = run(t, p, 1)
	require.Empty(t, out)
	require.Contains(t, messages, "no run is done")
}

// TestOneSeed has no standard deviation and no test.
func TestOneSeed(t *testing.T) {
	g := grid(t, 1)
	g.Seeds = []uint64{4}
	out, _ := run(t, program(g), 0)
	require.NotContains(t, out, "NaN")
	require.Contains(t, out, "b   0.1  5.00     –    5.00  5.00  5.00      1   +1.00  –")
}

// TestOut: a folder that cannot be made is noticed before the training.
func TestOut(t *testing.T) {
	g := grid(t, 1)
	require.NoError(t, os.WriteFile(filepath.Dir(g.Out)+"/file", nil, 0o600))
	g.Out = filepath.Dir(g.Out) + "/file/out"
	p := program(g)
	p.Train = fails
	_, messages := run(t, p, 2)
	require.Contains(t, messages, "-out")
	require.NotContains(t, messages, "trained")
}
