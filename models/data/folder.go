package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// ReadFolder reads a set of pictures: each folder in dir is a class, and each PNG or
// JPEG file in it an example. Classes and files are in the order of their names; what
// begins with a dot is skipped. opts.Size must be set, as all examples have one shape.
// A file that is no picture, or a damaged one, is an error that names it.
func ReadFolder(ctx context.Context, dir string, opts ImageOptions) (*Set, error) {
	s, err := readFolder(ctx, dir, opts)
	if err != nil {
		return nil, fmt.Errorf("data: ReadFolder %s: %w", dir, err)
	}
	return s, nil
}

func readFolder(ctx context.Context, dir string, opts ImageOptions) (*Set, error) {
	if opts.Size == 0 {
		return nil, fmt.Errorf("Size is 0, want the side of the pictures in pixels")
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	s := &Set{XShape: []int{opts.Channels(), opts.Size, opts.Size}, Name: filepath.Base(dir)}
	files, err := s.list(dir)
	if err != nil {
		return nil, err
	}
	each := Size(s.XShape)
	if len(files) > maxNumbers/each {
		return nil, fmt.Errorf("%d pictures of %d numbers, want at most %d numbers", len(files), each, maxNumbers)
	}
	s.X = make([]float32, len(files)*each)
	err = concurrently(ctx, len(files), func(i int) error {
		img, err := decodeFile(filepath.Join(dir, files[i]))
		if err != nil {
			return fmt.Errorf("%s: %w", files[i], err)
		}
		x, _ := numbers(img, opts)
		copy(s.X[i*each:], x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// list returns the files of all classes, relative to dir, and sets the classes and
// their labels.
func (s *Set) list(dir string) (files []string, err error) {
	classes, err := visible(dir)
	if err != nil {
		return nil, err
	}
	for _, c := range classes {
		info, err := os.Stat(filepath.Join(dir, c))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c, bare(err))
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s is no folder, want one for each class", c)
		}
		pictures, err := visible(filepath.Join(dir, c))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c, err)
		}
		if len(pictures) == 0 {
			return nil, fmt.Errorf("class %s has no pictures", c)
		}
		for _, p := range pictures {
			if !slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(p))) {
				return nil, fmt.Errorf("%s: want .png, .jpg or .jpeg", filepath.Join(c, p))
			}
			files = append(files, filepath.Join(c, p))
			s.Y = append(s.Y, float32(len(s.Classes)))
		}
		s.Classes = append(s.Classes, c)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no folders, want one for each class")
	}
	return files, nil
}

// visible returns the names in a folder that do not begin with a dot, sorted.
func visible(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, bare(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// concurrently calls f for 0 to n−1 from as many goroutines as there are processors, and
// returns the error of the least i that fails: all below it have begun before it.
func concurrently(ctx context.Context, n int, f func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Bool
	errs := make([]error, n)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for !failed.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = f(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
