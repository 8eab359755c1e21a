package sweep

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/stretchr/testify/require"
)

func grid(t *testing.T, workers int) *cli.Grid {
	return &cli.Grid{Activations: []string{"a", "b"}, Rates: []float64{0.1}, Seeds: []uint64{1, 2, 3}, Steps: 2, Workers: workers, Quiet: true, Out: filepath.Join(t.TempDir(), "out")}
}

// program scores a run by its seed and activation.
func program(g *cli.Grid) Program[string] {
	return Program[string]{
		Name: "test", Grid: g, Scores: []string{"points"},
		Train: func(_ context.Context, r Run, progress func()) (*Outcome[string], error) {
			progress()
			return &Outcome[string]{Run: r, Scores: []float64{float64(r.Seed) * 10 * r.Rate * float64(len(r.Activation))}, Params: 7, Seconds: 1, More: r.Activation}, nil
		},
		Files: []File[string]{
			{"typical.txt", func(path string, res *Results[string]) error {
				return os.WriteFile(path, []byte(res.Typical("b").Run.String()), 0o600)
			}},
			{"nothing.txt", func(string, *Results[string]) error { return ErrNothing }},
		},
	}
}

// TestProgram makes the trainings on one worker and on several: with the same results.
func TestProgram(t *testing.T) {
	for _, workers := range []int{1, 4} {
		g := grid(t, workers)
		var out, messages bytes.Buffer
		require.Equal(t, 0, program(g).Run(context.Background(), &out, &messages), messages.String())
		require.Empty(t, messages.String())
		require.Equal(t, `  activation  points mean  ± sd  median  min  max  seeds  s/run  parameters
           a          2.0   1.0     2.0  1.0  3.0      3    1.0           7
           b          2.0   1.0     2.0  1.0  3.0      3    1.0           7
`+"wrote "+g.Path("scores.csv")+", "+g.Path("typical.txt")+"\n", out.String())
		got, err := os.ReadFile(g.Path("typical.txt"))
		require.NoError(t, err)
		require.Equal(t, "b, rate 0.1, seed 2", string(got))
		scores, err := os.ReadFile(g.Path("scores.csv"))
		require.NoError(t, err)
		require.Equal(t, 1+6, strings.Count(string(scores), "\n"))
		require.Contains(t, string(scores), "activation,rate,seed,points,seconds,parameters\na,0.1,1,1,1,7\n")
	}
}

// TestRates prints a column for each of several rates.
func TestRates(t *testing.T) {
	g := grid(t, 1)
	g.Rates = []float64{0.1, 0.2}
	var out, messages bytes.Buffer
	require.Equal(t, 0, program(g).Run(context.Background(), &out, &messages))
	require.Contains(t, out.String(), "points: median (lowest)   rate 0.1   rate 0.2  seeds\n")
	require.Contains(t, out.String(), "2.0 (1.0)  4.0 (2.0)      3\n")
}

// TestFailures: a training that fails is reported, and so are the others.
func TestFailures(t *testing.T) {
	p := program(grid(t, 2))
	train := p.Train
	p.Train = func(ctx context.Context, r Run, progress func()) (*Outcome[string], error) {
		if r.Activation == "b" {
			return nil, errors.New("broken")
		}
		return train(ctx, r, progress)
	}
	p.Files = nil
	var out, messages bytes.Buffer
	require.Equal(t, 1, p.Run(context.Background(), &out, &messages))
	require.Contains(t, messages.String(), "test: b, rate 0.1, seed 1: broken")
	require.Contains(t, out.String(), "           b            –     –       –    –    –      0      –           –\n")
	require.Contains(t, out.String(), "           a          2.0")
}

// TestOneSeed has no standard deviation.
func TestOneSeed(t *testing.T) {
	g := grid(t, 1)
	g.Seeds = []uint64{4}
	var out, messages bytes.Buffer
	require.Equal(t, 0, program(g).Run(context.Background(), &out, &messages))
	require.NotContains(t, out.String(), "NaN")
	require.Contains(t, out.String(), "4.0     –     4.0")
}

// TestOut: a folder that cannot be made is noticed before the training.
func TestOut(t *testing.T) {
	g := grid(t, 1)
	require.NoError(t, os.WriteFile(filepath.Dir(g.Out)+"/file", nil, 0o600))
	g.Out = filepath.Dir(g.Out) + "/file/out"
	p := program(g)
	p.Train = func(context.Context, Run, func()) (*Outcome[string], error) {
		t.Error("trained")
		return nil, nil
	}
	var out, messages bytes.Buffer
	require.Equal(t, 1, p.Run(context.Background(), &out, &messages))
	require.Contains(t, messages.String(), "-out")
}

// TestInterrupted reports what was done before the interruption, and nothing if
// nothing was.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := program(grid(t, 1))
	train := p.Train
	p.Train = func(ctx context.Context, r Run, progress func()) (*Outcome[string], error) {
		if r.Seed == 2 {
			cancel()
			return nil, nil
		}
		return train(ctx, r, progress)
	}
	var out, messages bytes.Buffer
	require.Equal(t, 130, p.Run(ctx, &out, &messages))
	require.Contains(t, messages.String(), "interrupted")
	require.Contains(t, out.String(), "           b          1.0     –     1.0  1.0  1.0      1")
	out.Reset()
	messages.Reset()
	p.Grid = grid(t, 1)
	require.Equal(t, 130, p.Run(ctx, &out, &messages))
	require.Contains(t, messages.String(), "no run is done")
	require.Empty(t, out.String())
}
