package task

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path"
	"path/filepath"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
)

// Example is a program that compares activations by a task.
type Example struct {
	Name  string // of the program, and of the folder of its results in out
	Usage string // the help, above the flags
	Task  Task
	// Activations, Rates, Seeds and Steps are the defaults of the flags.
	Activations, Rates, Seeds string
	Steps                     int
	// Folder is a folder below that of the flag -out; empty for that itself.
	Folder string
	// Coordinates says that the task's networks see coordinates, see cli.Grid.
	Coordinates bool
	// Heading is printed above the tables, in Markdown; empty for none.
	Heading string
	// Files are what the program writes beside its tables.
	Files []sweep.File

	// DiTAC is what the flags say of the activation ditac.
	DiTAC cli.DiTAC

	grid cli.Grid
}

// Run is the program; it returns its exit status.
func (e *Example) Run(ctx context.Context, args []string, out, messages io.Writer) int {
	if status, ok := e.Parse(args, messages); !ok {
		return status
	}
	if d, ok := e.Task.(Describer); ok && !e.grid.Quiet && d.Describe() != "" {
		fmt.Fprintln(messages, d.Describe())
	}
	if e.Heading != "" {
		fmt.Fprintf(out, "## %s\n\n", e.Heading)
	}
	return sweep.Program{
		Name: e.Name, Grid: &e.grid, Scores: e.Task.Scores(), Files: e.Files,
		Settings: struct {
			Task     string
			Settings Task
			DiTAC    cli.DiTAC
		}{e.Task.Name(), e.Task, e.DiTAC},
		Train: e.Train,
	}.Run(ctx, out, messages)
}

// Parse reads the command line; see cli.Parse.
func (e *Example) Parse(args []string, messages io.Writer) (status int, ok bool) {
	e.grid = cli.Grid{Steps: e.Steps, Out: path.Join("out", e.Name), Coordinates: e.Coordinates}
	f := flag.NewFlagSet(e.Name, flag.ContinueOnError)
	e.grid.Register(f, cli.Activations(), e.Activations, e.Rates, e.Seeds)
	e.Task.Register(f)
	e.DiTAC.Register(f)
	return cli.Parse(f, e.Usage, args, messages, func(rest []string) error {
		err := e.grid.Parse(rest)
		e.grid.Out = filepath.Join(e.grid.Out, e.Folder)
		e.grid.Folders = nil
		for _, folder := range rest { // results of the same program
			e.grid.Folders = append(e.grid.Folders, filepath.Join(folder, e.Folder))
		}
		if k, ok := e.Task.(Keeper); ok {
			k.Keep(e.grid.Out)
		}
		if err == nil {
			err = e.Task.Check()
		}
		if t, ok := e.Task.(Stepper); ok && err == nil {
			err = e.setSteps(t)
		}
		if err == nil {
			err = e.DiTAC.Try(e.grid.Activations)
		}
		return err
	})
}

// setSteps sets the number of steps that the task's flags ask for.
func (e *Example) setSteps(t Stepper) error {
	n, err := t.Steps()
	if err != nil || n == 0 {
		return err
	}
	return e.grid.SetSteps(n)
}

// Train makes a run, of the number of steps that the command line says.
func (e *Example) Train(ctx context.Context, run sweep.Run, progress func()) (*sweep.Outcome, error) {
	activation, err := e.DiTAC.Setting(run.Activation, run.Seed)
	if err != nil {
		return nil, err
	}
	return e.Task.Train(ctx, run, activation, e.grid.Steps, progress)
}
