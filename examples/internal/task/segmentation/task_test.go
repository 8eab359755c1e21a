package segmentation

import (
	"context"
	"flag"
	"image/color"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/stretchr/testify/require"
)

// testFolder makes pictures of two classes that are told apart by their colours.
func testFolder(t *testing.T) string {
	dir := t.TempDir()
	for k, name := range []string{"a.png", "b.png", "c.png"} {
		write(t, filepath.Join(dir, "blue", name), color.NRGBA{B: uint8(200 + 10*k), A: 255})
		write(t, filepath.Join(dir, "yellow", name), color.NRGBA{R: 250, G: uint8(200 + 10*k), A: 255})
	}
	return dir
}

// small returns the task at a small size.
func small(t *testing.T) *Task {
	s := New()
	s.Emoji, s.Size, s.Batch, s.Width, s.Depth, s.Test = testFolder(t), 16, 8, 4, 1, 32
	require.NoError(t, s.Check())
	return s
}

// TestTrain: training tells the classes apart, for ReLU and DiTAC; it follows from the
// seed; and what the pictures need is kept.
func TestTrain(t *testing.T) {
	s := small(t)
	const steps = 150
	for _, name := range []string{"relu", cli.Plain} {
		var settings cli.DiTAC
		a, err := settings.Setting(name, 1)
		require.NoError(t, err)
		run := sweep.Run{Activation: name, Rate: 0.01, Seed: 1}
		counted := 0
		before, err := s.Train(context.Background(), run, a, 1, func() {})
		require.NoError(t, err)
		o, err := s.Train(context.Background(), run, a, steps, func() { counted++ })
		require.NoError(t, err)
		o.Run = run
		require.Equal(t, steps, counted)
		require.Greater(t, o.Scores[0], before.Scores[0]+10, name)
		require.Greater(t, o.Scores[1], 75., name) // most is background
		require.Len(t, o.Arrays[saidArray], shown*s.Size*s.Size)
		require.Equal(t, s.Scene(0).Bounds(), s.Said(0, o).Bounds())
		curves, err := s.Curves(o, settings)
		require.NoError(t, err)
		if name == "relu" {
			require.Empty(t, curves)
			continue
		}
		require.Len(t, curves, 6) // two of either level on the way down, two on the way up
		require.Equal(t, "down, level 1, second", curves[3].Name)
		require.Equal(t, "up, level 0, first", curves[4].Name)
		for _, c := range curves {
			require.Greater(t, c.Inside, 0.5, c.Name)
			require.LessOrEqual(t, c.Inside, 1., c.Name)
		}
	}
}

// TestSeeds: a run that is made again, also after another one, has the same scores.
func TestSeeds(t *testing.T) {
	s := small(t)
	score := func(seed uint64) []float64 {
		var settings cli.DiTAC
		a, err := settings.Setting("relu", seed)
		require.NoError(t, err)
		o, err := s.Train(context.Background(), sweep.Run{Activation: "relu", Rate: 0.01, Seed: seed}, a, 5, func() {})
		require.NoError(t, err)
		return o.Scores
	}
	first := score(1)
	require.NotEqual(t, first, score(2))
	require.Equal(t, first, score(1))
}

// TestDice: the Dice loss has a share in what is learned.
func TestDice(t *testing.T) {
	s := small(t)
	var settings cli.DiTAC
	a, err := settings.Setting("relu", 1)
	require.NoError(t, err)
	run := sweep.Run{Activation: "relu", Rate: 0.01, Seed: 1}
	plain, err := s.Train(context.Background(), run, a, 10, func() {})
	require.NoError(t, err)
	s.Dice = 1
	dice, err := s.Train(context.Background(), run, a, 10, func() {})
	require.NoError(t, err)
	require.NotEqual(t, plain.Arrays[saidArray], dice.Arrays[saidArray])
}

// TestInterrupt: a run that is cut short has no outcome.
func TestInterrupt(t *testing.T) {
	s := small(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var settings cli.DiTAC
	a, err := settings.Setting("relu", 1)
	require.NoError(t, err)
	o, err := s.Train(ctx, sweep.Run{Activation: "relu", Rate: 0.01, Seed: 1}, a, 100, stop)
	require.NoError(t, err)
	require.Nil(t, o)
}

func TestCheck(t *testing.T) {
	dir := testFolder(t)
	for args, want := range map[string]string{
		"-size 4":                 "-size: 4, want 8",
		"-size 18":                "-size: 18, want a multiple of 4",
		"-batch 0":                "-batch: 0",
		"-width 0":                "-width: 0",
		"-depth 9":                "-depth: 9",
		"-dice -1":                "-dice: -1",
		"-dice NaN":               "-dice: NaN",
		"-test 1":                 "-test: 1",
		"-emoji /no/such":         "-emoji: ",
		"-emoji " + dir + "/blue": "-emoji: ",
	} {
		s := New()
		s.Emoji = dir
		f := flag.NewFlagSet("", flag.ContinueOnError)
		s.Register(f)
		require.NoError(t, f.Parse(strings.Fields(args)), args)
		require.ErrorContains(t, s.Check(), want, args)
	}
}
