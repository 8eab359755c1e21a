package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// attempts bounds the search for a name that is free.
const attempts = 100

// Write makes the file at path, or replaces it, with what write writes. It goes to a
// temporary file in the same folder, which is brought to the disk and then renamed. On
// error that is removed, and what was at path stays.
func Write(path string, write func(w io.Writer) error) (err error) {
	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := fill(f, write); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// create makes a temporary file beside path, with the permissions of a new file, which
// os.CreateTemp does not give.
func create(path string) (*os.File, error) {
	var err error
	for range attempts {
		var f *os.File
		name := fmt.Sprintf("%s.%08x.tmp", path, rand.Uint32())
		if f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return nil, err
}

// fill writes the file, to the disk, and closes it.
func fill(f *os.File, write func(w io.Writer) error) error {
	w := bufio.NewWriter(f)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// syncFolder brings the new name to the disk, where the system can do that.
func syncFolder(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
