package cli

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/ditac-go/ditac/internal/atomicfile"
)

// WriteCSV writes rows to a file, which appears when it is complete.
func WriteCSV(path string, rows [][]string) error {
	err := atomicfile.Write(path, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) })
	if err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	return nil
}
