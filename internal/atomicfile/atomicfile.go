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
	"strings"
	"time"
)

// attempts bounds the search for a name that is free.
const attempts = 100

// abandoned is the age of a temporary file that nobody writes any more: its program was
// killed. What is being written is younger, by whatever program on whatever machine.
const abandoned = 10 * time.Minute

// Write makes the file at path, or replaces it, with what write writes. It goes to a
// temporary file in the same folder, which is brought to the disk and then renamed. On
// error that is removed, and what was at path stays. Temporary files of path that killed
// programs left are removed, too.
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
	removeAbandoned(path)
	return nil
}

// suffix ends the names of temporary files.
const suffix = ".tmp"

// create makes a temporary file beside path, with the permissions of a new file, which
// os.CreateTemp does not give.
func create(path string) (*os.File, error) {
	var err error
	for range attempts {
		var f *os.File
		name := fmt.Sprintf("%s.%08x%s", path, rand.Uint32(), suffix)
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

// removeAbandoned deletes the temporary files of path that are abandoned. What cannot be
// deleted stays: the file that was asked for is there.
func removeAbandoned(path string) {
	folder, name := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		random, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), suffix), name+".")
		if !ok || len(random) != 8 || len(e.Name()) != len(name)+1+len(random)+len(suffix) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}
