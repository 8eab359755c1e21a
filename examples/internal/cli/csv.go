package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteCSV writes rows to a file, which appears when it is complete.
func WriteCSV(path string, rows [][]string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("scores: %s: %w", path, err)
		}
	}()
	err = csv.NewWriter(f).WriteAll(rows)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil { // CreateTemp gives 0600
		return err
	}
	return os.Rename(f.Name(), path)
}
