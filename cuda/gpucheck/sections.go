package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// section is a part of the report.
type section struct {
	name string
	make func(*report) error
}

func sectionNames() []string {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

// report prints checks and counts them.
type report struct {
	config
	out           io.Writer
	passed, total int
}

// check prints an error beside the one that is allowed.
func (r *report) check(name string, worst, allowed float64) {
	r.total++
	verdict := "FAILED"
	if worst <= allowed {
		r.passed++
		verdict = "ok"
	}
	fmt.Fprintf(r.out, "%-56s %9.2g %9.2g  %s\n", name, worst, allowed, verdict)
}

// do makes a check that may fail before it has an error to print. The others go on.
func (r *report) do(name string, f func() error) {
	defer func() {
		if p := recover(); p != nil {
			r.fail(name, fmt.Errorf("panic: %v", p))
		}
	}()
	if err := f(); err != nil {
		r.fail(name, err)
	}
}

func (r *report) fail(name string, err error) {
	r.total++
	fmt.Fprintf(r.out, "%-56s FAILED: %v\n", name, err)
}

// run makes one section, or all in this process.
func run(c config, out io.Writer) error {
	r := &report{config: c, out: out}
	for _, s := range sections {
		if c.section == "" || c.section == s.name {
			fmt.Fprintf(out, "\n== %s\n", s.name)
			r.do(s.name, func() error { return s.make(r) })
		}
	}
	if r.total > 0 {
		fmt.Fprintf(out, "%d of %d checks passed\n", r.passed, r.total)
	}
	if r.passed < r.total {
		return fmt.Errorf("%d of %d checks failed", r.total-r.passed, r.total)
	}
	return nil
}

// runAll makes each section in a process of its own.
func runAll(c config, out io.Writer) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	var failed []string
	for _, name := range sectionNames() {
		ctx, cancel := context.WithTimeout(context.Background(), c.limit)
		child := exec.CommandContext(ctx, program, "-section", name, "-largest", fmt.Sprint(c.largest), "-repeats", fmt.Sprint(c.repeats))
		child.Stdout, child.Stderr = out, quiet{out}
		err := child.Run()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("not done after %v: ended", c.limit)
		}
		cancel()
		if err != nil {
			fmt.Fprintf(out, "section %s: %v\n", name, err)
			failed = append(failed, name)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("sections with failures: %s", strings.Join(failed, ", "))
	}
	fmt.Fprintf(out, "\nall %d sections passed\n", len(sections))
	return nil
}

// quiet drops the line that Gorgonia logs at each start.
type quiet struct{ io.Writer }

func (q quiet) Write(p []byte) (int, error) {
	if !strings.Contains(string(p), "Using CUDA build") {
		if _, err := q.Writer.Write(p); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// spread returns up to most indexes below n, the first and last among them.
func spread(n, most int) []int {
	if n <= most {
		most = n
	}
	at := make([]int, most)
	for i := range at {
		at[i] = i * (n - 1) / max(most-1, 1)
	}
	return slices.Compact(at)
}
