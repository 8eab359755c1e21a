package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Main runs a program with a context that ends at Ctrl-C; a second one ends the
// program at once.
func Main(run func(ctx context.Context, args []string, out, messages io.Writer) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Parse reads a command line by f, whose help goes to messages with the usage text and whose
// errors go there without it, and then calls check with the arguments after the flags, for what the flags alone
// do not tell. It returns the exit status with which a program ends that cannot go on; go
// on if ok.
func Parse(f *flag.FlagSet, usage string, args []string, messages io.Writer, check func(rest []string) error) (status int, ok bool) {
	f.SetOutput(io.Discard) // Parse would print all flags below an error, which scrolls away
	f.Usage = func() {}
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(messages, usage)
		f.SetOutput(messages)
		f.PrintDefaults()
		return 0, false
	}
	if err == nil {
		err = check(f.Args())
	}
	if err != nil {
		fmt.Fprintf(messages, "%s: %v\nTry -h for help.\n", f.Name(), err)
		return 2, false
	}
	return 0, true
}
