package data

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ReadTable reads a table from a file: an ARFF file if its name ends in .arff, a file of
// separated values otherwise, either also compressed (.gz). See [ReadCSV] and
// [ReadARFF].
func ReadTable(ctx context.Context, path string, opts TableOptions) (*Set, *Report, error) {
	if strings.HasSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".arff") {
		return ReadARFF(ctx, path, opts)
	}
	return ReadCSV(ctx, path, opts)
}

// ReadCSV reads a file of comma-separated values (RFC 4180), plain or compressed by
// gzip. A column of numbers is one input; one of words is an input for each word, 1
// where the row has it and 0 elsewhere. Errors name the file, the line and the column.
func ReadCSV(ctx context.Context, path string, opts TableOptions) (*Set, *Report, error) {
	return readTable(ctx, "ReadCSV", path, opts, parseCSV)
}

// ParseCSV is [ReadCSV] of a reader. name says in errors what is read.
func ParseCSV(ctx context.Context, r io.Reader, name string, opts TableOptions) (*Set, *Report, error) {
	return parseTable(ctx, r, "ParseCSV", name, opts, parseCSV)
}

// parser reads the cells of a table.
type parser func(ctx context.Context, r *bufio.Reader, opts TableOptions) (*table, error)

func readTable(ctx context.Context, function, path string, opts TableOptions, parse parser) (s *Set, report *Report, err error) {
	if name := strings.TrimSuffix(strings.ToLower(path), ".gz"); opts.Comma == 0 && (strings.HasSuffix(name, ".tsv") || strings.HasSuffix(name, ".tab")) {
		opts.Comma = '\t'
	}
	err = open(path, func(r *bufio.Reader) error {
		s, report, err = finish(ctx, r, filepath.Base(path), opts, parse)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("data: %s %s: %w", function, path, err)
	}
	return s, report, nil
}

func parseTable(ctx context.Context, r io.Reader, function, name string, opts TableOptions, parse parser) (*Set, *Report, error) {
	b, err := plain(r)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %s %s: %w", function, name, err)
	}
	s, report, err := finish(ctx, b, name, opts, parse)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %s %s: %w", function, name, err)
	}
	return s, report, nil
}

func finish(ctx context.Context, r *bufio.Reader, name string, opts TableOptions, parse parser) (*Set, *Report, error) {
	t, err := parse(ctx, r, opts)
	if err != nil {
		return nil, nil, err
	}
	s, report, err := t.set(opts)
	if err != nil {
		return nil, nil, err
	}
	s.Name = name
	return s, report, nil
}

func parseCSV(ctx context.Context, r *bufio.Reader, opts TableOptions) (*table, error) {
	// A byte order mark would become part of the first column's name.
	mark, _ := r.Peek(3)
	switch {
	case string(mark) == "\ufeff":
		_, _ = r.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")) || bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return nil, fmt.Errorf("the file is in UTF-16, want UTF-8")
	}
	c := csv.NewReader(r)
	c.TrimLeadingSpace = true
	if opts.Comma != 0 {
		c.Comma = opts.Comma
	}
	t := &table{}
	for {
		row, err := c.Read()
		if err == io.EOF {
			break
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("line %d has %d cells, the first line has %d", line, len(row), len(t.names))
		}
		if err != nil {
			return nil, truncated(err)
		}
		line, _ := c.FieldPos(0)
		if t.names == nil {
			if !opts.NoHeader && !slices.ContainsFunc(row, func(cell string) bool { return !looksNumeric(strings.TrimSpace(cell)) }) {
				return nil, fmt.Errorf("line %d, which should name the columns, has numbers only: %.40q (NoHeader takes it for data)", line, row)
			}
			t.header(row, opts.NoHeader)
			if !opts.NoHeader {
				continue
			}
		}
		if err := t.add(ctx, row, line); err != nil {
			return nil, err
		}
	}
	if len(t.rows) == 0 {
		return nil, fmt.Errorf("no rows of data")
	}
	return t, nil
}

// header sets the columns' names from the first line.
func (t *table) header(row []string, numbered bool) {
	t.nominal, t.numeric = make([][]string, len(row)), make([]bool, len(row))
	for i, name := range row {
		if numbered {
			name = strconv.Itoa(i + 1)
		}
		t.names = append(t.names, strings.TrimSpace(name))
	}
}

// add appends a row.
func (t *table) add(ctx context.Context, row []string, line int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(t.rows) >= maxNumbers/16/len(row) { // a cell takes at least 16 bytes
		return fmt.Errorf("line %d: more than %d cells", line, maxNumbers/16)
	}
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	t.rows, t.lines = append(t.rows, row), append(t.lines, line)
	return nil
}
