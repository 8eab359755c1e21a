// Command tabular learns tables of different trades, with several activations: the control,
// on which activations hardly differ.
//
//	go run ./examples/tabular
//	go run ./examples/tabular -dataset credit-g,diabetes
//	go run ./examples/tabular -dataset wine -label-noise 0.2
//	go run ./examples/tabular -dataset wine -explain
//	go run ./examples/tabular -h
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
	"github.com/ditac-go/ditac/examples/internal/task/table"
	"github.com/ditac-go/ditac/models/datasets"
	_ "github.com/ditac-go/ditac/models/openblas" // with -tags openblas
)

const usage = `Usage: go run ./examples/tabular [flags]

Trains a multilayer perceptron inputs→64→64→outputs on tables of real data, of
finance, health, weather, retail, insurance, manufacturing, imaging and more, with
several activations, learning rates and seeds; prints for each table the accuracy, or
R², on a fifth of the rows that was kept out of the training, another one for each
seed, and then a table of all. Activations hardly differ here. Flags make the data
worse (noisy labels, missing and shifted inputs, imbalanced classes, few rows), and
restrain the network (dropout, early stopping, the penalty of DiTAC). A table of your
own is what ./examples/ablation -task csv is for.

What the package does not ship is fetched once (models/datasets). Ctrl-C ends the
training and reports the runs that are done; the same command goes on with the others.

Flags:
`

// names are the tables of -dataset all: of each trade.
var names = []string{
	"credit-g", "insurance", "diabetes", "breast-cancer", "seattle-weather", "supermarket",
	"cars", "cpu", "segment", "digits", "wine", "travel",
}

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	s := task.Several{
		Name: "tabular", Flag: "dataset", All: datasets.NamesOf(datasets.Table), Default: names, Make: program,
		Heading:   heading,
		Summaries: sweep.Summaries("test accuracy or R² in %", "table"),
	}
	return s.Run(ctx, args, out, messages)
}

// oneTable is the task of one of the tables that -dataset names.
type oneTable struct {
	*table.Task
	which string
}

// Register implements task.Task.
func (t *oneTable) Register(f *flag.FlagSet) {
	f.StringVar(&t.which, "dataset", "all", "`names` of tables, of "+strings.Join(datasets.NamesOf(datasets.Table), ", ")+"; all for those of README.md")
	t.RegisterTraining(f)
	f.BoolVar(&t.Explain, "explain", false, "also show what contributed: columns by integrated gradients (explain.png), activations by setting them back to their start (explain.txt)")
}

// program returns the program of a table.
func program(name string) *task.Example {
	t := table.NewDataset()
	t.Dataset = name
	return &task.Example{
		Name: "tabular", Usage: usage, Task: &oneTable{Task: t}, Folder: name,
		Activations: "relu,gelu,tanh,pwl,ditac,amplified", Rates: "0.001,0.003,0.01", Seeds: "1-10", Steps: 600,
		Files: []sweep.File{
			{Name: "explain.png", Write: func(path string, res *sweep.Results) error { return saveExplained(path, t, res) }},
			{Name: "explain.txt", Write: func(path string, res *sweep.Results) error { return writeExplained(path, t, res) }},
		},
	}
}

// heading says what a table is.
func heading(name string) string {
	info, err := datasets.Describe(name)
	if err != nil {
		return name
	}
	return fmt.Sprintf("%s (%s): %s; %d rows", name, info.Trade, info.Title, info.Examples)
}
