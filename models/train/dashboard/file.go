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
)

// extension is that of the files of runs.
const extension = ".run.jsonl"

// runName is what a run may be called: what is safe in names of files and in addresses.
var runName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// load adds the lines of a file that were not read yet, as far as they are whole: another
// process may be writing the last one, or was killed while it did. A file that is shorter than
// what was read of it is read anew.
func (r *run) load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < r.read {
		r.forget()
	}
	r.size, r.changed = info.Size(), info.ModTime()
	if _, err := f.Seek(r.read, io.SeekStart); err != nil {
		return err
	}
	b := bufio.NewReaderSize(f, 1<<16)
	for {
		text, err := b.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("%s, line %d: %w", filepath.Base(path), r.lines+1, err)
		}
		if l.Start != nil && l.Start.Format != format {
			return fmt.Errorf("%s, line %d: format %d, want %d", filepath.Base(path), r.lines+1, l.Start.Format, format)
		}
		r.apply(l)
		r.read += int64(len(text))
		r.lines++
	}
}

// file is the file of a run that is written.
type file struct {
	f       *os.File
	buffer  bytes.Buffer
	written int64 // the length of the file: whole lines
}

// openFile opens the file of a run to add lines after the first whole bytes.
func openFile(path string, whole int64) (*file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	out := &file{f: f, written: whole}
	if err := out.cut(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return out, nil
}

// cut ends the file after what is written of it.
func (f *file) cut() error {
	err := f.f.Truncate(f.written)
	if err == nil {
		_, err = f.f.Seek(f.written, io.SeekStart)
	}
	return err
}

// add adds a line, which flush writes.
func (f *file) add(l line) error {
	b, err := json.Marshal(l)
	f.buffer.Write(append(b, '\n'))
	return err
}

// flush writes whole lines in one call; what a full disk takes of them only in part is cut off,
// so that lines to come are not joined to half a line, and those of the call are lost.
func (f *file) flush() error {
	n, err := f.f.Write(f.buffer.Bytes())
	f.buffer.Reset()
	if err != nil {
		return errors.Join(err, f.cut())
	}
	f.written += int64(n)
	return nil
}

func (f *file) close() error { return errors.Join(f.flush(), f.f.Close()) }
