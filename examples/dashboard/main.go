// Dashboard shows trainings in a browser while they run, and afterwards:
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
	"os/signal"
	"path/filepath"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/dashboard"
	"github.com/ditac-go/ditac/models/train/tensorboard"
	"gorgonia.org/gorgonia"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are the command line.
type settings struct {
	dashboard.Options
	open  string
	steps int
	wait  bool
}

func parse(args []string, out io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("dashboard", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&s.open, "open", "", "show the runs of this folder, train nothing")
	f.StringVar(&s.Dir, "out", "out/dashboard", "folder for the runs of this training")
	f.StringVar(&s.Addr, "addr", "", "address to listen at; other machines reach 0.0.0.0:8023, which needs -token")
	f.StringVar(&s.Token, "token", "", "what a browser has to show: at least 16 letters and digits")
	f.IntVar(&s.steps, "steps", 20000, "steps of each training")
	f.BoolVar(&s.wait, "wait", true, "serve on after training, until Ctrl-C")
	err := f.Parse(args)
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("dashboard: unexpected arguments %q", f.Args())
	}
	if s.open != "" {
		s.Dir, s.wait = s.open, true
	}
	return s, err
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil {
		return err
	}
	if s.open != "" {
		if _, err := os.Stat(s.open); err != nil {
			return fmt.Errorf("dashboard: -open: %w", err)
		}
	}
	board, err := dashboard.Start(s.Options)
	if err != nil {
		return err
	}
	defer board.Close()
	fmt.Fprintln(out, "see", board.URL())
	if s.open == "" {
		for _, name := range []string{"relu", "ditac"} {
			if err := fit(ctx, board, name, s); err != nil {
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

// fit trains a network with an activation, which the board and two logs are told of.
func fit(ctx context.Context, board *dashboard.Board, name string, s settings) error {
	activation, err := models.ByName(name)
	if err != nil {
		return err
	}
	_, err = train.Fit(ctx, train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 32, 32, 1}, Activation: activation, Seed: 1})
		},
		Loss: models.MSE, Train: ripples(2048, 1), Valid: ripples(512, 2),
		Steps: s.steps, EvalEvery: max(1, s.steps/100), LearnRate: 0.003, Schedule: models.Cosine,
		Metrics: []train.Metric{train.R2(), train.RMSE()},
		Observers: []train.Observer{
			board.Run(name),
			train.JSONLog(filepath.Join(s.Dir, name+".log.json")),
			tensorboard.Log(filepath.Join(s.Dir, "tensorboard", name)),
		},
	})
	return err
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
