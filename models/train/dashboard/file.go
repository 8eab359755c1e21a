package dashboard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// extension is that of the files of runs.
const extension = ".run.jsonl"

// runName is what a run may be called: what is safe in names of files and in addresses.
var runName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// loadAll returns the runs of a folder.
func loadAll(dir string) (map[string]*run, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		return nil, err
	}
	runs := map[string]*run{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), extension)
		if !runName.MatchString(name) {
			continue
		}
		r := newRun(name)
		if _, err := r.load(path); err != nil {
			r.problem = err.Error()
		}
		runs[name] = r
	}
	return runs, nil
}

// load adds the lines of a file and returns the length of those that are whole: a kill may
// have left half a line.
func (r *run) load(path string) (whole int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b := bufio.NewReaderSize(f, 1<<16)
	for n := 1; ; n++ {
		text, err := b.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return whole, fmt.Errorf("%s, line %d: %w", filepath.Base(path), n, err)
		}
		if l.Start != nil && l.Start.Format != format {
			return whole, fmt.Errorf("%s, line %d: format %d, want %d", filepath.Base(path), n, l.Start.Format, format)
		}
		r.apply(l)
		whole += int64(len(text))
	}
}

// file is the file of a run that is written.
type file struct {
	f      *os.File
	buffer bytes.Buffer
}

// openFile opens the file of a run to add lines after the first whole bytes.
func openFile(path string, whole int64) (*file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	err = f.Truncate(whole)
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &file{f: f}, nil
}

// add adds a line, which flush writes.
func (f *file) add(l line) error {
	b, err := json.Marshal(l)
	f.buffer.Write(append(b, '\n'))
	return err
}

// flush writes whole lines in one call.
func (f *file) flush() error {
	_, err := f.f.Write(f.buffer.Bytes())
	f.buffer.Reset()
	return err
}

func (f *file) close() error { return errors.Join(f.flush(), f.f.Close()) }
