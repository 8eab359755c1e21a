// Command dashboard shows trainings in a browser while they run, and afterwards:
//
//	go run ./examples/dashboard              # train two small networks and show them
//	go run ./examples/dashboard -open DIR    # show the runs of a folder
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/plots"
	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/dashboard"
	"github.com/ditac-go/ditac/models/train/tensorboard"
	"gorgonia.org/gorgonia"
)

const usage = `Usage: go run ./examples/dashboard [flags]

Trains two small networks, with ReLU and with DiTAC, and prints the address of a page
that shows them while they train, and afterwards until Ctrl-C. -open shows the runs of
a folder again.

Flags:
`

func main() { cli.Main(run) }

// settings are the command line.
type settings struct {
	dashboard.Options
	open  string
	steps int
	wait  bool
}

// maxSteps bounds -steps, far beyond what can be waited for.
const maxSteps = 1 << 30

// parse reads the command line; see cli.Parse.
func parse(args []string, messages io.Writer) (s settings, status int, ok bool) {
	f := flag.NewFlagSet("dashboard", flag.ContinueOnError)
	f.StringVar(&s.open, "open", "", "show the runs of this `folder`, train nothing")
	f.StringVar(&s.Dir, "out", "out/dashboard", "`folder` for the runs of this training")
	f.StringVar(&s.Addr, "addr", "", "`address` to listen at; other machines reach 0.0.0.0:8023, which needs -token")
	f.StringVar(&s.Token, "token", "", "`word` that a browser has to show: at least 16 letters and digits")
	f.IntVar(&s.steps, "steps", 20000, "steps of each training")
	f.BoolVar(&s.wait, "wait", true, "serve on after training, until Ctrl-C")
	status, ok = cli.Parse(f, usage, args, messages, func(rest []string) error {
		if len(rest) > 0 {
			return fmt.Errorf("unexpected argument %q", rest[0])
		}
		if s.open == "" {
			return cli.Range("steps", s.steps, 1, maxSteps)
		}
		s.Dir, s.wait = s.open, true
		if _, err := os.Stat(s.open); err != nil {
			return fmt.Errorf("-open: %w", err)
		}
		return nil
	})
	return s, status, ok
}

// run is main with its surroundings as arguments; it returns the exit status: 1 if a
// training failed, 2 if none was begun.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	s, status, ok := parse(args, messages)
	if !ok {
		return status
	}
	board, err := dashboard.Start(s.Options)
	if err != nil {
		fmt.Fprintln(messages, err) // which names the package, and so the program
		return 2
	}
	defer board.Close()
	if err := show(ctx, board, s, out); err != nil {
		fmt.Fprintf(messages, "dashboard: %v\n", err)
		return 1
	}
	return 0
}

// show says where the page is, and trains what it shows.
func show(ctx context.Context, board *dashboard.Board, s settings, out io.Writer) error {
	fmt.Fprintln(out, "see", board.URL())
	if s.open == "" {
		var runs []trained
		for _, name := range []string{"relu", "ditac"} {
			r, err := fit(ctx, board, name, s)
			if err != nil {
				return err
			}
			runs = append(runs, r)
			if err := explainRuns(board, runs); err != nil {
				return err
			}
		}
	}
	if s.wait && ctx.Err() == nil {
		fmt.Fprintln(out, "end with Ctrl-C")
		<-ctx.Done()
	}
	return nil
}

// trained is a training that has ended, and what contributed to its network.
type trained struct {
	observer train.Observer
	ablation *explain.Ablation
	inputs   plots.BarSeries // the mean |attribution| of x and of y
}

// fit trains a network with an activation, which the board and two logs are told of, and
// measures what contributed.
func fit(ctx context.Context, board *dashboard.Board, name string, s settings) (t trained, err error) {
	activation, err := models.ByName(name)
	if err != nil {
		return t, err
	}
	build := func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 32, 32, 1}, Activation: activation, Seed: 1})
	}
	valid := ripples(512, 2)
	t.observer = board.Run(name)
	result, err := train.Fit(ctx, train.Config{
		Network: build,
		Loss:    models.MSE, Train: ripples(2048, 1), Valid: valid,
		Steps: s.steps, EvalEvery: max(1, s.steps/100), LearnRate: 0.003, Schedule: models.Cosine,
		Metrics: []train.Metric{train.R2(), train.RMSE()},
		Observers: []train.Observer{
			t.observer,
			train.JSONLog(filepath.Join(s.Dir, name+".log.json")),
			tensorboard.Log(filepath.Join(s.Dir, "tensorboard", name)),
		},
	})
	if err != nil {
		return t, err
	}
	if t.ablation, err = explain.Ablate(build, result.Network, valid, models.MSE, 0); err != nil {
		return t, err
	}
	a, err := explain.IntegratedGradients(build, result.Network, valid.X, valid.XShape, explain.Options{})
	if err != nil {
		return t, err
	}
	t.inputs = plots.BarSeries{Name: name, Values: a.MeanAbs()}
	return t, nil
}

// explainRuns puts on the page of each run what its activations contribute, and what the
// inputs do in all of them, side by side.
func explainRuns(board *dashboard.Board, runs []trained) error {
	var series []plots.BarSeries
	title := "What the inputs contribute, by integrated gradients from (0, 0):"
	for _, r := range runs {
		series = append(series, r.inputs)
		title += fmt.Sprintf(" %s x %.2g, y %.2g;", r.inputs.Name, r.inputs.Values[0], r.inputs.Values[1])
	}
	f, err := plots.Bars("what the inputs contribute", "mean |attribution|", []string{"x", "y"}, series)
	if err != nil {
		return err
	}
	picture := dashboard.Picture{Title: strings.TrimSuffix(title, ";"), PNG: f.PNG()}
	for _, r := range runs {
		if err := board.Explain(r.observer, dashboard.Explanation{Ablation: r.ablation, Pictures: []dashboard.Picture{picture}}); err != nil {
			return err
		}
	}
	return nil
}

// ripples returns n points of the waves that two stones make in water.
func ripples(n int, seed uint64) *data.Set {
	r := rand.New(rand.NewPCG(seed, 0))
	s := &data.Set{XShape: []int{2}, YShape: []int{1}, Name: "ripples"}
	for range n {
		x, y := 2*r.Float64()-1, 2*r.Float64()-1
		z := math.Sin(9*math.Hypot(x-0.5, y)) + math.Sin(9*math.Hypot(x+0.5, y-0.3))
		s.X = append(s.X, float32(x), float32(y))
		s.Y = append(s.Y, float32(z/2))
	}
	return s
}
