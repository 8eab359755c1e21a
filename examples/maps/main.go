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
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/maps"
	"github.com/ditac-go/ditac/models/datasets"
	_ "github.com/ditac-go/ditac/models/openblas" // with -tags openblas
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
	s := task.Several{
		Name: "maps", Flag: "map", All: maps.Names(), Make: program, Heading: heading,
		Summaries: sweep.Summaries("held-out R² in %", "map"),
	}
	return s.Run(ctx, args, out, messages)
}

// oneMap is the task of one of the maps that -map names.
type oneMap struct {
	*maps.Task
	which string
}

// Register implements task.Task.
func (m *oneMap) Register(f *flag.FlagSet) {
	f.StringVar(&m.which, "map", "all", "`names` of maps, of "+strings.Join(maps.Names(), ", ")+"; or all")
	m.RegisterNetwork(f)
}

// program returns the program of a map.
func program(name string) *task.Example {
	t := maps.New(name)
	return &task.Example{
		Name: "maps", Usage: usage, Task: &oneMap{Task: t}, Folder: name, Coordinates: true,
		Activations: "relu,gelu,tanh,prelu,pwl,ditac,amplified,sine3,sine10,relu+fourier3",
		Rates:       "0.002,0.005,0.02", Seeds: "1-5", Steps: 1500,
		Files: []sweep.File{{Name: "maps.png", Write: func(path string, res *sweep.Results) error { return saveMaps(path, t, res) }}},
	}
}

// heading says what a map is.
func heading(name string) string {
	info, err := datasets.Describe(name)
	if err != nil {
		return name
	}
	return fmt.Sprintf("%s: %s; %d places", name, info.Title, info.Examples)
}
