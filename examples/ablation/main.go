// Command ablation compares activations on a task: the pilot that says whether a trainable
// activation helps on data of one's own, and at what cost.
//
//	go run ./examples/ablation -task csv -csv file.csv -target column
//	go run ./examples/ablation -task photo -activations relu,gelu,ditac -lr 0.002,0.005,0.01 -seeds 1-5
//	go run ./examples/ablation -task csv -h
//
// README.md beside it shows shards and merging.
package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/task"
	"github.com/ditac-go/ditac/examples/internal/task/figure1"
	"github.com/ditac-go/ditac/examples/internal/task/generation"
	maptask "github.com/ditac-go/ditac/examples/internal/task/maps"
	"github.com/ditac-go/ditac/examples/internal/task/mnist"
	"github.com/ditac-go/ditac/examples/internal/task/photo"
	"github.com/ditac-go/ditac/examples/internal/task/segmentation"
	"github.com/ditac-go/ditac/examples/internal/task/table"
	_ "github.com/ditac-go/ditac/models/openblas" // with -tags openblas
)

// entry is a task and how long it is trained unless -steps says so.
type entry struct {
	make  func() task.Task
	steps int
	// coordinates says that the network sees coordinates, see cli.Grid.
	coordinates bool
}

// tasks are the tasks by their names.
var tasks = map[string]entry{
	"csv":          {make: func() task.Task { return table.New() }, steps: 2000},
	"dataset":      {make: func() task.Task { return table.NewDataset() }, steps: 2000},
	"figure1":      {make: func() task.Task { return figure1.New() }, steps: 10000},
	"generation":   {make: func() task.Task { return generation.New() }, steps: 1000},
	"maps":         {make: func() task.Task { return maptask.New("volcano") }, steps: 1500, coordinates: true},
	"mnist":        {make: func() task.Task { return mnist.New() }, steps: 937},
	"photo":        {make: func() task.Task { return photo.New() }, steps: 2000, coordinates: true},
	"segmentation": {make: func() task.Task { return segmentation.New() }, steps: 600},
}

const usage = `Usage: go run ./examples/ablation -task TASK [flags]

Trains a network on a task with several activations, each with several learning
rates and seeds, and compares the activations, each at its best rate, with the
first one: mean, standard deviation and median over the seeds, a paired t-test,
the time of training and of the trained network, the number of parameters. It
prints tables and writes them as scores.csv, table.md and scores.png. The tasks:

  csv           a table of your own: -csv file.csv -target column
  dataset       a table of package models/datasets: -dataset wine
  figure1       the sum of sine waves of the DiTAC paper's Figure 1
  generation    images by a DCGAN
  maps          a map or a series from places or times: -map volcano
  mnist         handwritten digits by a convolutional network; -train 10000 for a part
  photo         a photograph from coordinates; -hold 0.5 keeps pixels out
  segmentation  emoji on textures, by a U-Net

Before it trains, it says how long that will take. Ctrl-C ends the training and
reports the runs that are done; the same command goes on with the others. -shard
2/4 makes the second of four parts, on any machine; -merge with the same flags
and the folders of all parts reports them.

Flags, of which some belong to the task:
`

func main() { cli.Main(run) }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	name, rest := cutTask(args)
	t, ok := tasks[name]
	if name == "" && len(rest) == 1 && slices.Contains([]string{"-h", "-help", "--help"}, rest[0]) {
		fmt.Fprint(messages, usage, "  as -task TASK -h lists them\n")
		return 0
	}
	if !ok {
		fmt.Fprintf(messages, "ablation: -task: %q, want one of %s\nTry -h for help.\n", name, strings.Join(slices.Sorted(maps.Keys(tasks)), ", "))
		return 2
	}
	e := &task.Example{
		Name: "ablation-" + name, Usage: usage, Task: t.make(),
		Activations: "relu,gelu,ditac", Rates: "0.001,0.003,0.01", Seeds: "1-5", Steps: t.steps, Coordinates: t.coordinates,
	}
	return e.Run(ctx, rest, out, messages)
}

// cutTask takes -task and its value out of the arguments: which other flags there are
// depends on it.
func cutTask(args []string) (name string, rest []string) {
	for i := 0; i < len(args); i++ {
		flag, value, joined := strings.Cut(args[i], "=")
		switch {
		case flag != "-task" && flag != "--task":
			rest = append(rest, args[i])
		case joined:
			name = value
		case i+1 < len(args):
			i++
			name = args[i]
		}
	}
	return name, rest
}
