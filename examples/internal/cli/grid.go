package cli

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Grid are the flags of a program that compares activations by training: which
// trainings to make, and where their results go.
type Grid struct {
	Activations []string
	Rates       []float64
	Seeds       []uint64
	Steps       int
	Workers     int
	Out         string // folder
	Quiet       bool
	// Coordinates says that networks see coordinates, so that names of activations may
	// choose frequencies, see FeaturesHelp.
	Coordinates bool

	Shard, Shards int           // make the Shard-th of Shards parts, from 1; 0 of 0 is all
	Merge         bool          // make no training: report those of Out and of Folders
	Folders       []string      // other folders of results
	Fresh         bool          // make the trainings anew that are done
	Budget        time.Duration // refuse what is estimated to take longer; 0 for no limit

	known                            []string
	activations, rates, seeds, shard string
	quick                            bool
}

// maxSteps bounds -steps: more would take years, and is a slip.
const maxSteps = 1_000_000_000

// Register adds the flags to f. The values that g has are the defaults; known are the
// names of all activations.
func (g *Grid) Register(f *flag.FlagSet, known []string, activations, rates, seeds string) {
	g.known = known
	f.StringVar(&g.activations, "activations", activations, "`list` of activations, or all: "+strings.Join(known, ", "))
	f.StringVar(&g.rates, "lr", rates, "learning `rate` of Adam for everything, or a list, of which each is tried")
	f.StringVar(&g.seeds, "seeds", seeds, "`list` of seeds, such as 1-8 or 1,5")
	f.IntVar(&g.Steps, "steps", g.Steps, "training `steps` of each run")
	f.IntVar(&g.Workers, "workers", runtime.GOMAXPROCS(0), "`runs` at a time; the results do not depend on it, but seconds do")
	f.StringVar(&g.Out, "out", g.Out, "`folder` for pictures and scores")
	f.BoolVar(&g.Quiet, "quiet", false, "show no progress bar and no estimate of the time")
	f.StringVar(&g.shard, "shard", "", "`k/n`: make the k-th of n parts of the runs, for -merge to report")
	f.BoolVar(&g.Merge, "merge", false, "make no run: report those of the folder -out and of the folders that are named after the flags")
	f.BoolVar(&g.Fresh, "fresh", false, "make the runs anew that the folder -out holds")
	f.BoolVar(&g.quick, "quick", false, "make a tenth of the -steps, with the middle one of the rates and the first of the seeds, in the folder OUT-quick: to see how the program works")
	f.DurationVar(&g.Budget, "budget", 0, "refuse to begin what is estimated to take longer than this `time`, such as 90m; 0 for no limit")
}

// Parse reads what the flags say, and the folders to merge. An error names the flag.
func (g *Grid) Parse(folders []string) (err error) {
	if g.Activations, err = g.parseActivations(); err != nil {
		return fmt.Errorf("-activations: %w", err)
	}
	if g.Rates, err = ParseRates(g.rates); err != nil {
		return fmt.Errorf("-lr: %w", err)
	}
	if g.Seeds, err = ParseSeeds(g.seeds); err != nil {
		return fmt.Errorf("-seeds: %w", err)
	}
	if err := g.SetSteps(g.Steps); err != nil {
		return err
	}
	if g.Workers < 1 {
		return fmt.Errorf("-workers: %d, want at least 1", g.Workers)
	}
	if g.Out == "" {
		return errors.New("-out: no folder")
	}
	if g.Budget < 0 {
		return fmt.Errorf("-budget: %v, want at least 0", g.Budget)
	}
	if g.quick {
		g.Rates, g.Seeds = g.Rates[len(g.Rates)/2:][:1], g.Seeds[:1]
		g.Out = filepath.Clean(g.Out) + "-quick"
	}
	return g.parseParts(folders)
}

// SetSteps sets the number of steps of a run, of which -quick makes a tenth.
func (g *Grid) SetSteps(n int) error {
	if n < 1 || n > maxSteps {
		return fmt.Errorf("-steps: %d, want 1 to %d", n, maxSteps)
	}
	if g.Steps = n; g.quick {
		g.Steps = max(1, n/10)
	}
	return nil
}

// parseParts reads how the runs are divided.
func (g *Grid) parseParts(folders []string) error {
	if g.shard != "" {
		k, n, ok := strings.Cut(g.shard, "/")
		var errK, errN error
		g.Shard, errK = strconv.Atoi(k)
		g.Shards, errN = strconv.Atoi(n)
		if !ok || errK != nil || errN != nil || g.Shard < 1 || g.Shard > g.Shards {
			return fmt.Errorf("-shard: %q, want k/n with k from 1 to n, such as 2/4", g.shard)
		}
	}
	g.Folders = folders
	switch {
	case len(folders) > 0 && !g.Merge:
		return fmt.Errorf("unexpected argument %q", folders[0])
	case g.Merge && g.Shards != 0:
		return errors.New("-merge: reports all runs, not those of a -shard")
	case g.Merge && g.Fresh:
		return errors.New("-merge: makes no run that -fresh could make anew")
	}
	return nil
}

// MakeOut makes the folder of the results and makes sure that files can be written
// there: before the training, not after it.
func (g *Grid) MakeOut() error {
	if err := os.MkdirAll(g.Out, 0o755); err != nil {
		return fmt.Errorf("-out %q: %w", g.Out, err)
	}
	probe, err := os.CreateTemp(g.Out, ".writable.*")
	if err != nil {
		return fmt.Errorf("-out %q: %w", g.Out, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Path returns the path of a file in the folder of the results.
func (g *Grid) Path(name string) string { return filepath.Join(g.Out, name) }

// Runs returns the number of trainings.
func (g *Grid) Runs() int { return len(g.Activations) * len(g.Rates) * len(g.Seeds) }

func (g *Grid) parseActivations() ([]string, error) {
	if g.activations == "all" {
		return g.known, nil
	}
	var names []string
	for _, name := range strings.Split(g.activations, ",") {
		name = strings.TrimSpace(name)
		if err := g.check(name); err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// check reports a name that is that of no activation.
func (g *Grid) check(name string) error {
	activation := name
	if g.Coordinates {
		var err error
		if activation, _, err = cutFeatures(name); err != nil {
			return err
		}
		if _, ok := sineOf(activation); ok {
			return nil
		}
	}
	if !slices.Contains(g.known, activation) {
		return fmt.Errorf("unknown activation %q, want some of %s", activation, strings.Join(g.known, ", "))
	}
	return nil
}

// ParseRates reads a list of learning rates such as "0.005" or "0.001,0.01". Each
// counts once.
func ParseRates(list string) ([]float64, error) {
	var rates []float64
	for _, part := range strings.Split(list, ",") {
		rate, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(rate > 0) || math.IsInf(rate, 0) {
			return nil, fmt.Errorf("rates = %q: %q, want positive numbers", list, part)
		}
		if !slices.Contains(rates, rate) {
			rates = append(rates, rate)
		}
	}
	return rates, nil
}
