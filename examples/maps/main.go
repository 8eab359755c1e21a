// Command maps learns maps and series from places or times alone, with several activations,
// and scores them at places that training has not seen.
//
//	go run ./examples/maps
//	go run ./examples/maps -map volcano -activations relu,ditac,sine10,relu+fourier3
//	go run ./examples/maps -h
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/maps"
)

const usage = `Usage: go run ./examples/maps [flags]

Trains a multilayer perceptron inputs→64→64→outputs that takes a place or a time to
what is there, with several activations, learning rates and seeds; prints tables of
R² in %, first at places that were kept out of the training, and writes the maps side
by side. -map all, the default, makes one table for each map and one of all.

` + cli.FeaturesHelp + `
Data are fetched from package registries once (models/datasets). Ctrl-C ends the
training and reports the runs that are done; the same command goes on with the others.

Flags:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	which := flagged{args}.value("map", "all")
	names := strings.Split(which, ",")
	if which == "all" {
		names = maps.Names()
	}
	for _, name := range names {
		if !slices.Contains(maps.Names(), name) {
			fmt.Fprintf(messages, "maps: -map: %q, want all or some of %s\nTry -h for help.\n", name, strings.Join(maps.Names(), ", "))
			return 2
		}
	}
	status := 0
	var all summary
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		if len(names) > 1 {
			fmt.Fprintf(out, "## %s\n\n", name)
		}
		s := runMap(ctx, name, args, out, messages, &all)
		if status = max(status, s); s == 2 || isHelp(args) {
			return status
		}
	}
	if len(names) > 1 {
		if err := all.print(out); err != nil {
			fmt.Fprintf(messages, "maps: %v\n", err)
			return 1
		}
	}
	return status
}

func isHelp(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return slices.Contains([]string{"-h", "-help", "--help"}, a) })
}

// flagged are the arguments of a command.
type flagged struct{ args []string }

// value returns the value of a flag that is needed before the others are read.
func (a flagged) value(name, otherwise string) string {
	for i, arg := range a.args {
		key, value, joined := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		switch {
		case key != name || !strings.HasPrefix(arg, "-"):
		case joined:
			otherwise = value
		case i+1 < len(a.args):
			otherwise = a.args[i+1]
		}
	}
	return otherwise
}

// oneMap is the task of one of the maps that -map names.
type oneMap struct {
	*maps.Task
	which string
}

// Register implements task.Task.
func (m *oneMap) Register(f *flag.FlagSet) {
	f.StringVar(&m.which, "map", "all", "`names` of maps, or all: "+strings.Join(maps.Names(), ", "))
	m.RegisterNetwork(f)
}

// MarshalJSON gives the settings that decide the outcome: those of the map, not which
// others are made.
func runMap(ctx context.Context, name string, args []string, out, messages io.Writer, all *summary) int {
	t := maps.New(name)
	e := &task.Example{
		Name: "maps", Usage: usage, Task: &oneMap{Task: t}, Folder: name, Coordinates: true,
		Activations: "relu,gelu,tanh,prelu,pwl,ditac,amplified,sine3,sine10,relu+fourier3", Rates: "0.002,0.005,0.02", Seeds: "1-5", Steps: 1500,
		Files: []sweep.File{
			{Name: "maps.png", Write: func(path string, res *sweep.Results) error {
				all.add(name, res)
				return saveMaps(path, t, res)
			}},
		},
	}
	return e.Run(ctx, args, out, messages)
}
