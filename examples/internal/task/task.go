// Package task holds what an example and the example ablation share: a training whose
// activation is a parameter, and the command line of a program that compares activations
// by it. The tasks themselves are packages below this one.
package task

import (
	"context"
	"flag"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
)

// Task is a training that activations are compared by. It is a pointer to a struct whose
// exported fields are its settings: what its flags say and, in place of the name of a file
// (which has the tag json:"-"), a hash of its content. A program keeps them, as JSON, with
// each outcome, and takes no outcome of other ones for its own.
type Task interface {
	// Name is what the task is called in commands.
	Name() string
	// Scores are what a training is judged by, the first one first.
	Scores() []sweep.Score
	// Register adds the task's flags to f; the values that it has are the defaults.
	Register(f *flag.FlagSet)
	// Check reports what is wrong with the flags, by their names, and reads the data. It
	// is called once, before all trainings.
	Check() error
	// Train makes a training of a number of steps with an activation and calls progress
	// after each. It returns nil for one that the end of ctx has cut short. All random
	// numbers follow from the run's seed, and several trainings may go on at once.
	Train(ctx context.Context, run sweep.Run, activation cli.Setting, steps int, progress func()) (*sweep.Outcome, error)
}

// Keeper is a Task that keeps files of its own, such as checkpoints of its trainings, in
// the folder of the results, which need not exist yet. It is told the folder before Check.
type Keeper interface{ Keep(folder string) }
