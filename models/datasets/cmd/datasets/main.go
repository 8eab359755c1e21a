// Command datasets lists the named data sets, and fetches and checks them.
//
//	go run ./models/datasets/cmd/datasets -list
//	go run ./models/datasets/cmd/datasets mnist volcano
//	go run ./models/datasets/cmd/datasets -all
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"

	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/datasets"
)

const usage = `Usage: datasets [-list] [-all] [-cache folder] [name…]

Fetches the data sets with the given names, unless they are shipped or in the
cache, checks them and says how many examples they have.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, out, messages io.Writer) int {
	f := flag.NewFlagSet("datasets", flag.ContinueOnError)
	f.SetOutput(messages)
	list := f.Bool("list", false, "list all data sets, their trades, sources and licences")
	all := f.Bool("all", false, "load all")
	cache := f.String("cache", "", "`folder` of the cache (default ditac in the user's cache folder)")
	f.Usage = func() {
		fmt.Fprint(messages, usage)
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	names := f.Args()
	if *all {
		names = datasets.Names()
	}
	if *list {
		return listAll(out, messages)
	}
	if len(names) == 0 {
		f.Usage()
		return 2
	}
	status := 0
	for _, name := range names {
		if ctx.Err() != nil {
			return 130
		}
		l, err := datasets.Load(ctx, name, datasets.Options{Cache: *cache, Messages: messages})
		if err != nil {
			fmt.Fprintln(messages, err)
			status = 1
			continue
		}
		fmt.Fprintln(out, describe(l))
	}
	return status
}

func listAll(out, messages io.Writer) int {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "name\tkind\ttask\ttrade\texamples\tinputs\tshipped\ttitle\tsource\tlicence")
	for _, name := range datasets.Names() {
		i, err := datasets.Describe(name)
		if err != nil {
			fmt.Fprintln(messages, err)
			return 1
		}
		fmt.Fprintf(w, "%s\t%v\t%v\t%s\t%d\t%d\t%t\t%s\t%s\t%s\n", i.Name, i.Kind, i.Task, i.Trade, i.Examples, i.Inputs, i.Shipped, i.Title, i.Source, i.Licence)
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(messages, err)
		return 1
	}
	return 0
}

// describe says in a line what a data set has.
func describe(l *datasets.Loaded) string {
	s := fmt.Sprintf("%s: %d examples, inputs %v, ", l.Name, l.Set.Len(), l.Set.XShape)
	if l.Set.Classes != nil {
		s += fmt.Sprintf("%d classes %v", len(l.Set.Classes), l.Set.Counts())
	} else {
		s += fmt.Sprintf("targets %v", data.Size(l.Set.YShape))
	}
	if l.Train != nil {
		s += fmt.Sprintf(", %d to train, %d to test", l.Train.Len(), l.Test.Len())
	}
	return s
}
