package data

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Task says what the target of a table is.
type Task int

const (
	// Auto takes a target of numbers for regression and one of words for
	// classification.
	Auto Task = iota
	// Regression has real numbers as targets.
	Regression
	// Classification has classes as targets, which may be written as numbers.
	Classification
)

// String returns the task's name.
func (t Task) String() string {
	switch t {
	case Auto:
		return "auto"
	case Regression:
		return "regression"
	case Classification:
		return "classification"
	}
	return fmt.Sprintf("Task(%d)", int(t))
}

// Missing says what a reader of tables does with cells without a value.
type Missing int

const (
	// RefuseMissing makes a missing value an error that names its place.
	RefuseMissing Missing = iota
	// ImputeMean gives a column of numbers its mean for a missing value, and a column
	// of words a category of its own, "?". The mean is that of the whole file: the
	// examples that are held out for tests have a share in it. A missing target stays
	// an error.
	ImputeMean
	// DropMissing leaves out the rows with a missing value.
	DropMissing
	// ZeroMissing gives a column of numbers 0 for a missing value, and a column of words
	// none of its words, as suits lists of what a basket holds. A missing target stays
	// an error.
	ZeroMissing
)

// Errors of readers of tables that an option cures, for errors.Is.
var (
	// ErrMissing is that of a missing value; see TableOptions.Missing.
	ErrMissing = errors.New("missing value")
	// ErrWords is that of a column of too many different words, which is one of
	// identifiers or of dates; see TableOptions.Drop, Times and MaxWords.
	ErrWords = errors.New("too many words")
	// ErrMixed is that of a word in a column of numbers; see TableOptions.Text and
	// MissingWords.
	ErrMixed = errors.New("word among numbers")
)

// cure is an error of a table that an option cures.
type cure struct {
	error       // that names the place
	kind  error // ErrMissing, ErrWords or ErrMixed
}

// Is implements the interface of errors.Is.
func (e cure) Is(target error) bool { return target == e.kind }

// Unwrap returns the error that names the place.
func (e cure) Unwrap() error { return e.error }

// TableOptions says how a table becomes a set. The zero value takes the last column as
// the target, all others as inputs, and refuses missing values.
type TableOptions struct {
	// Target is the name of the target's column; "" means the last column.
	Target string
	// Task says whether the target is a number or a class.
	Task Task
	// Inputs are the names of the columns to take as inputs, in this order; nil means
	// all but the target and Drop.
	Inputs []string
	// Drop are names of columns to leave out: identifiers, dates, and what would give
	// the target away.
	Drop []string
	// Text are names of columns of numbers to take as words: codes. Each word becomes
	// an input of its own.
	Text []string
	// Times are names of columns of inputs that hold dates or times, such as 2024-05-31 or
	// 2024-05-31 18:30. One becomes several inputs: the days since the column's first, and
	// sine and cosine of the angle in the year, in the week and, if the column has times of
	// day, in the day.
	Times []string
	// TimeLayouts are the forms of the times, as package time writes layouts; nil means
	// usual ones with the year first.
	TimeLayouts []string
	// Missing says what to do with missing values.
	Missing Missing
	// MissingWords are the cells that mean a missing value; nil means the empty cell,
	// "?", "NA", "N/A", "NaN", "nan", "null" and "NULL".
	MissingWords []string
	// MaxWords is the greatest number of different words of a column; 0 means 100.
	MaxWords int
	// Comma separates the cells of a CSV file; 0 means a comma, or a tab in files whose
	// name ends in .tsv or .tab.
	Comma rune
	// NoHeader says that the first line of a CSV file is data. Columns are then named
	// "1", "2", ….
	NoHeader bool
}

var defaultMissing = []string{"", "?", "NA", "N/A", "NaN", "nan", "null", "NULL"}

// Report says what became of a table.
type Report struct {
	// Target is the name of the target's column.
	Target string
	// Rows is the number of rows of the file.
	Rows int
	// Dropped is the number of rows that were left out, because a value was missing.
	Dropped int
	// Imputed is the number of missing values of each input column that has any, which
	// ImputeMean or ZeroMissing replaced.
	Imputed map[string]int
	// Words are the words of each input column of words.
	Words map[string][]string
}

// String returns the report in one line.
func (r *Report) String() string {
	s := fmt.Sprintf("%d rows", r.Rows)
	if r.Dropped > 0 {
		s += fmt.Sprintf(", %d dropped for missing values", r.Dropped)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Imputed)) {
		s += fmt.Sprintf(", %q: %d missing values imputed", name, r.Imputed[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Words)) {
		s += fmt.Sprintf(", %q: %d words", name, len(r.Words[name]))
	}
	return s
}

// table is a file's cells as text.
type table struct {
	names []string
	// nominal are the words that the file declares for a column; nil: it declares none.
	nominal [][]string
	numeric []bool // that the file declares a column of numbers
	rows    [][]string
	lines   []int // of the file, of each row
}

// tableSet turns a table into a set.
type tableSet struct {
	*table
	opts   TableOptions
	report *Report
}

// set returns the set and the report of what was done for it.
func (t *table) set(opts TableOptions) (*Set, *Report, error) {
	if opts.MaxWords == 0 {
		opts.MaxWords = 100
	}
	if opts.MissingWords == nil {
		opts.MissingWords = defaultMissing
	}
	if err := opts.check(); err != nil {
		return nil, nil, err
	}
	b := &tableSet{table: t, opts: opts, report: &Report{Rows: len(t.rows), Imputed: map[string]int{}, Words: map[string][]string{}}}
	target, inputs, err := b.choose()
	if err != nil {
		return nil, nil, err
	}
	b.report.Target = b.names[target]
	if err := b.missing(target, inputs); err != nil {
		return nil, nil, err
	}
	s := &Set{}
	if err := b.target(s, target); err != nil {
		return nil, nil, err
	}
	if err := b.inputs(s, inputs); err != nil {
		return nil, nil, err
	}
	return s, b.report, nil
}

func (o TableOptions) check() error {
	switch {
	case o.Task < Auto || o.Task > Classification:
		return fmt.Errorf("unknown Task %d", int(o.Task))
	case o.Missing < RefuseMissing || o.Missing > ZeroMissing:
		return fmt.Errorf("unknown Missing %d", int(o.Missing))
	case o.MaxWords < 1:
		return fmt.Errorf("MaxWords is %d, want a positive number or 0", o.MaxWords)
	}
	return nil
}

// choose returns the columns of the target and the inputs.
func (b *tableSet) choose() (target int, inputs []int, err error) {
	for i, name := range b.names {
		if j := slices.Index(b.names, name); j != i {
			return 0, nil, fmt.Errorf("columns %d and %d are both named %q", j+1, i+1, name)
		}
	}
	find := func(what string, names []string) (cols []int, err error) {
		for _, name := range names {
			i := slices.Index(b.names, name)
			if i < 0 {
				return nil, fmt.Errorf("%s: no column %q among %q", what, name, b.names)
			}
			if what == "Inputs" && slices.Contains(cols, i) {
				return nil, fmt.Errorf("%s: column %q is named twice", what, name)
			}
			cols = append(cols, i)
		}
		return cols, nil
	}
	if len(b.names) == 1 {
		return 0, nil, fmt.Errorf("there is one column only, %q: is another character between the cells (Comma)?", b.names[0])
	}
	target = len(b.names) - 1
	if b.opts.Target != "" {
		t, err := find("Target", []string{b.opts.Target})
		if err != nil {
			return 0, nil, err
		}
		target = t[0]
	}
	drop, err := find("Drop", b.opts.Drop)
	if err != nil {
		return 0, nil, err
	}
	if _, err := find("Text", b.opts.Text); err != nil {
		return 0, nil, err
	}
	times, err := find("Times", b.opts.Times)
	if err != nil {
		return 0, nil, err
	}
	if inputs, err = find("Inputs", b.opts.Inputs); err != nil {
		return 0, nil, err
	}
	if b.opts.Inputs == nil {
		for i := range b.names {
			if i != target && !slices.Contains(drop, i) {
				inputs = append(inputs, i)
			}
		}
	}
	switch {
	case slices.Contains(inputs, target):
		return 0, nil, fmt.Errorf("the target %q is among the inputs", b.names[target])
	case slices.Contains(times, target):
		return 0, nil, fmt.Errorf("the target %q is among the columns of times", b.names[target])
	case slices.Contains(drop, target):
		return 0, nil, fmt.Errorf("the target %q is among the columns to drop", b.names[target])
	case len(inputs) == 0:
		return 0, nil, fmt.Errorf("no columns are left as inputs beside the target %q", b.names[target])
	}
	return target, inputs, nil
}

// at names the place of a cell in errors.
func (b *tableSet) at(row, col int) string {
	return fmt.Sprintf("line %d, column %q", b.lines[row], b.names[col])
}

func (b *tableSet) isMissing(row, col int) bool {
	return slices.Contains(b.opts.MissingWords, b.rows[row][col])
}

// missing refuses, drops or counts missing values.
func (b *tableSet) missing(target int, inputs []int) error {
	var rows [][]string
	var lines []int
	for r := range b.rows {
		gap := -1
		for _, c := range slices.Concat(inputs, []int{target}) {
			if b.isMissing(r, c) {
				gap = c
				if c != target {
					b.report.Imputed[b.names[c]]++
				}
			}
		}
		switch {
		case gap >= 0 && b.opts.Missing == DropMissing:
			b.report.Dropped++
			continue
		case gap == target:
			return fmt.Errorf("%s: the target is missing (%q)", b.at(r, gap), b.rows[r][gap])
		case gap >= 0 && b.opts.Missing == RefuseMissing:
			return cure{fmt.Errorf("%s: the value is missing (%q)", b.at(r, gap), b.rows[r][gap]), ErrMissing}
		}
		rows, lines = append(rows, b.rows[r]), append(lines, b.lines[r])
	}
	if len(rows) == 0 {
		return fmt.Errorf("no rows left of %d", b.report.Rows)
	}
	if b.opts.Missing == DropMissing {
		clear(b.report.Imputed)
	}
	b.table = &table{b.names, b.nominal, b.numeric, rows, lines}
	return nil
}

// number returns the number in a cell.
func (b *tableSet) number(row, col int) (float64, error) {
	v, err := strconv.ParseFloat(b.rows[row][col], 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // beyond it, v is infinite
		return 0, fmt.Errorf("%s: %q is no number", b.at(row, col), b.rows[row][col])
	}
	if f := float32(v); math.IsNaN(v) || math.IsInf(float64(f), 0) {
		return 0, fmt.Errorf("%s: %q is not finite in float32", b.at(row, col), b.rows[row][col])
	}
	return v, nil
}

// isText reports whether a column has words. One in which more than half of the cells
// are numbers is no column of words: the first other one is an error.
func (b *tableSet) isText(col int) (bool, error) {
	if b.nominal[col] != nil || slices.Contains(b.opts.Text, b.names[col]) {
		return true, nil
	}
	if b.numeric[col] {
		return false, nil
	}
	var first error
	numbers, words := 0, 0
	for r := range b.rows {
		if b.isMissing(r, col) {
			continue
		}
		if _, err := b.number(r, col); err != nil && !looksNumeric(b.rows[r][col]) {
			first = cmp.Or(first, err)
			words++
		} else {
			numbers++
		}
	}
	if words > 0 && numbers > words {
		return false, cure{fmt.Errorf("%w, as %d other cells of the column are", first, numbers), ErrMixed}
	}
	return words > 0, nil
}

// looksNumeric reports whether a cell is written as a number, also as one of no finite
// value or beyond the range of floating point.
func looksNumeric(cell string) bool {
	_, err := strconv.ParseFloat(cell, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// words returns the different words of a column: as declared, or sorted, by their
// numbers if all are.
func (b *tableSet) words(col int) ([]string, error) {
	if b.nominal[col] != nil {
		return b.nominal[col], nil
	}
	seen := map[string]bool{}
	for r := range b.rows {
		if b.isMissing(r, col) {
			continue
		}
		seen[b.rows[r][col]] = true
		if len(seen) > b.opts.MaxWords {
			err := fmt.Errorf("%s: %q is the column's word number %d, want at most %d (MaxWords)", b.at(r, col), b.rows[r][col], len(seen), b.opts.MaxWords)
			return nil, cure{err, ErrWords}
		}
	}
	words := slices.Sorted(maps.Keys(seen))
	slices.SortStableFunc(words, func(x, y string) int {
		a, errA := strconv.ParseFloat(x, 64)
		b, errB := strconv.ParseFloat(y, 64)
		if errA != nil || errB != nil {
			return strings.Compare(x, y)
		}
		return cmp.Compare(a, b)
	})
	return words, nil
}

// index returns which of the words a cell has.
func (b *tableSet) index(row, col int, words []string) (int, error) {
	i := slices.Index(words, b.rows[row][col])
	if i < 0 {
		return 0, fmt.Errorf("%s: %q is none of the declared %q", b.at(row, col), b.rows[row][col], words)
	}
	return i, nil
}

// target fills Y.
func (b *tableSet) target(s *Set, col int) error {
	classes := b.opts.Task == Classification
	if !classes {
		text, err := b.isText(col)
		if err != nil {
			return err
		}
		if text && b.opts.Task == Regression {
			return fmt.Errorf("%s: %q is no number, but the task is regression", b.at(0, col), b.rows[0][col])
		}
		classes = text
	}
	if classes {
		words, err := b.words(col)
		if err != nil {
			return err
		}
		s.Classes = words
	}
	for r := range b.rows {
		var v float64
		var err error
		if classes {
			var i int
			i, err = b.index(r, col, s.Classes)
			v = float64(i)
		} else {
			v, err = b.number(r, col)
		}
		if err != nil {
			return err
		}
		s.Y = append(s.Y, float32(v))
	}
	return nil
}

// input is a column as numbers: one, one for each of its words, or those of a time.
type input struct {
	col   int
	words []string
	times *timeInput
	means []float64 // what missing numbers and times get
}

// names returns the names of the column's inputs.
func (in input) names(column string) []string {
	switch {
	case in.times != nil:
		return in.times.names(column)
	case in.words == nil:
		return []string{column}
	}
	names := make([]string, len(in.words))
	for i, w := range in.words {
		names[i] = column + "=" + w
	}
	return names
}

// inputs fills X.
func (b *tableSet) inputs(s *Set, cols []int) error {
	var ins []input
	for _, c := range cols {
		in, err := b.input(c)
		if err != nil {
			return err
		}
		ins = append(ins, in)
		s.Inputs = append(s.Inputs, in.names(b.names[c])...)
	}
	if len(b.rows) > maxNumbers/len(s.Inputs) {
		return fmt.Errorf("%d rows of %d inputs, want at most %d numbers", len(b.rows), len(s.Inputs), maxNumbers)
	}
	s.XShape = []int{len(s.Inputs)}
	s.X = make([]float32, 0, len(b.rows)*len(s.Inputs))
	for r := range b.rows {
		for _, in := range ins {
			v, err := b.cell(r, in)
			if err != nil {
				return err
			}
			s.X = append(s.X, v...)
		}
	}
	return nil
}

// input finds out what a column holds.
func (b *tableSet) input(col int) (input, error) {
	if slices.Contains(b.opts.Times, b.names[col]) {
		return b.times(col)
	}
	in := input{col: col}
	text, err := b.isText(col)
	if err != nil {
		return in, err
	}
	if text {
		words, err := b.words(col)
		if err != nil {
			return in, err
		}
		in.words = slices.Clone(words)
		if b.opts.Missing == ImputeMean && b.report.Imputed[b.names[col]] > 0 {
			in.words = append(in.words, "?")
		}
		b.report.Words[b.names[col]] = in.words
		return in, nil
	}
	n, mean := 0, 0.0
	for r := range b.rows {
		if b.isMissing(r, col) {
			continue
		}
		v, err := b.number(r, col)
		if err != nil {
			return in, err
		}
		mean += v
		n++
	}
	if n == 0 {
		return in, fmt.Errorf("column %q has no values", b.names[col])
	}
	if mean /= float64(n); b.opts.Missing == ZeroMissing {
		mean = 0
	}
	in.means = []float64{mean}
	return in, nil
}

// cell returns the numbers of a cell.
func (b *tableSet) cell(row int, in input) ([]float32, error) {
	missing := b.isMissing(row, in.col)
	switch {
	case in.words != nil:
	case missing:
		return single(in.means), nil
	case in.times != nil:
		t, err := in.times.parse(b.rows[row][in.col])
		return single(in.times.numbers(t)), err
	default:
		v, err := b.number(row, in.col)
		return []float32{float32(v)}, err
	}
	v := make([]float32, len(in.words))
	switch {
	case !missing:
		i, err := b.index(row, in.col, in.words)
		if err != nil {
			return nil, err
		}
		v[i] = 1
	case b.opts.Missing == ImputeMean:
		v[len(v)-1] = 1 // "?"
	}
	return v, nil
}

// single returns numbers in single precision.
func single(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}
