package task

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/examples/internal/sweep"
)

// Several is a program that is an [Example] on each of several sets of data, which a flag
// names, with a table of all at the end.
type Several struct {
	Name string   // of the program
	Flag string   // which names the sets, by a list or all
	All  []string // names that the flag may have
	// Default are those of all, the default of the flag; nil for All.
	Default []string
	// Heading is what stands above the tables of a set.
	Heading func(name string) string
	// Make returns the program of a set, whose Folder is its name. It registers the flag.
	Make func(name string) *Example
	// Summaries are the tables of all sets.
	Summaries []*sweep.Summary
}

// Run is the program; it returns its exit status.
func (s *Several) Run(ctx context.Context, args []string, out, messages io.Writer) int {
	names, err := s.names(args)
	if err != nil {
		fmt.Fprintf(messages, "%s: -%s: %v\nTry -h for help.\n", s.Name, s.Flag, err)
		return 2
	}
	status, folder := 0, ""
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		e := s.Make(name)
		e.Heading = s.Heading(name)
		e.Files = append(e.Files, sweep.File{Name: "summary", Write: func(path string, res *sweep.Results) error {
			folder = filepath.Dir(filepath.Dir(path))
			for _, t := range s.Summaries {
				t.Add(name, res)
			}
			return sweep.ErrNothing
		}})
		one := e.Run(ctx, args, out, messages)
		if status = max(status, one); one == 2 || isHelp(args) {
			return status
		}
	}
	if len(names) == 1 || folder == "" {
		return status
	}
	if err := s.summarise(out, folder); err != nil {
		fmt.Fprintf(messages, "%s: %v\n", s.Name, err)
		return max(status, 1)
	}
	return status
}

// summarise prints the tables of all sets, and writes them to a folder.
func (s *Several) summarise(out io.Writer, folder string) error {
	var text strings.Builder
	for _, t := range s.Summaries {
		if err := t.Print(out); err != nil {
			return err
		}
		if err := t.Markdown(&text); err != nil {
			return err
		}
	}
	path := filepath.Join(folder, "summary.md")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "wrote %s\n", path)
	return err
}

// names returns the sets that the command line names.
func (s *Several) names(args []string) ([]string, error) {
	which := valueOf(args, s.Flag, "all")
	if which == "all" {
		if s.Default != nil {
			return s.Default, nil
		}
		return s.All, nil
	}
	var names []string
	for _, name := range strings.Split(which, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(s.All, name) {
			return nil, fmt.Errorf("%q, want all or some of %s", name, strings.Join(s.All, ", "))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func isHelp(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return slices.Contains([]string{"-h", "-help", "--help"}, a) })
}

// valueOf returns the value of a flag that is needed before the others are read.
func valueOf(args []string, name, otherwise string) string {
	for i, arg := range args {
		key, value, joined := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		switch {
		case key != name || !strings.HasPrefix(arg, "-"):
		case joined:
			otherwise = value
		case i+1 < len(args):
			otherwise = args[i+1]
		}
	}
	return otherwise
}
