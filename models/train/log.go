package train

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/ditac-go/ditac/internal/atomicfile"
)

// CSVLog returns an observer that writes the evaluations to a CSV file, with a header: step,
// epoch, train_loss, valid_loss, seconds and the metrics. A training that is resumed keeps
// the rows up to its checkpoint and goes on after them, so that no row is there twice;
// another one replaces the file.
func CSVLog(path string) Observer { return &log{path: path, line: csvLine, step: csvStep} }

// JSONLog is [CSVLog] with a JSON object per line, of the same names, the metrics in an
// object "metrics". Numbers that JSON has not, NaN and infinities, are strings.
func JSONLog(path string) Observer { return &log{path: path, line: jsonLine, step: jsonStep} }

// log writes a line per record.
type log struct {
	path string
	// line returns the line of an event's record, or the header for a nil record.
	line func(e Event) ([]byte, error)
	// step returns the step of a line; ok is false for the header.
	step func(line []byte) (step int, ok bool, err error)
}

// Observe implements [Observer].
func (l *log) Observe(e Event) error {
	var err error
	switch e.Kind {
	case Started:
		err = l.start(e)
	case Evaluated:
		err = l.add(e)
	}
	if err != nil {
		return fmt.Errorf("log %q: %w", l.path, err)
	}
	return nil
}

// start makes the file, of the header and the lines up to the step.
func (l *log) start(e Event) error {
	e.Record = nil
	head, err := l.line(e)
	if err != nil {
		return err
	}
	kept := [][]byte{head}
	if e.Resumed {
		if kept, err = l.keep(head, e.Step); err != nil {
			return err
		}
	}
	return atomicfile.Write(l.path, func(w io.Writer) error {
		_, err := w.Write(bytes.Join(kept, nil))
		return err
	})
}

// keep returns the header and those lines of the file that are not after the step.
func (l *log) keep(head []byte, step int) ([][]byte, error) {
	kept := [][]byte{head}
	b, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return nil, err
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1] // a kill may have left half a line
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<20)
	for n := 1; s.Scan(); n++ {
		at, ok, err := l.step(s.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if ok && at <= step {
			kept = append(kept, append(bytes.Clone(s.Bytes()), '\n'))
		}
	}
	return kept, s.Err()
}

func (l *log) add(e Event) (err error) {
	line, err := l.line(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Close())
}

var columnNames = []string{"step", "epoch", "train_loss", "valid_loss", "seconds"}

func csvLine(e Event) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := append(append([]string(nil), columnNames...), e.Metrics...)
	if r := e.Record; r != nil {
		row = []string{strconv.Itoa(r.Step)}
		for _, x := range append([]float64{r.Epoch, r.TrainLoss, r.ValidLoss, r.Seconds}, r.Metrics...) {
			row = append(row, strconv.FormatFloat(x, 'g', -1, 64))
		}
	}
	_ = w.Write(row) // to memory
	w.Flush()
	return b.Bytes(), w.Error()
}

func csvStep(line []byte) (int, bool, error) {
	first, _, _ := bytes.Cut(line, []byte(","))
	if string(first) == columnNames[0] {
		return 0, false, nil
	}
	step, err := strconv.Atoi(string(first))
	return step, true, err
}

// number is a float64 that JSON can always hold.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if x := float64(n); !finite(x) {
		return json.Marshal(strconv.FormatFloat(x, 'g', -1, 64))
	}
	return json.Marshal(float64(n))
}

// jsonRecord is a line of a JSON log.
type jsonRecord struct {
	Step      *int              `json:"step"`
	Epoch     number            `json:"epoch"`
	TrainLoss number            `json:"train_loss"`
	ValidLoss number            `json:"valid_loss"`
	Seconds   number            `json:"seconds"`
	Metrics   map[string]number `json:"metrics,omitempty"`
}

func jsonLine(e Event) ([]byte, error) {
	r := e.Record
	if r == nil {
		return nil, nil // no header
	}
	line := jsonRecord{Step: &r.Step, Epoch: number(r.Epoch), TrainLoss: number(r.TrainLoss), ValidLoss: number(r.ValidLoss), Seconds: number(r.Seconds)}
	for i, x := range r.Metrics {
		if line.Metrics == nil {
			line.Metrics = map[string]number{}
		}
		line.Metrics[e.Metrics[i]] = number(x)
	}
	b, err := json.Marshal(line)
	return append(b, '\n'), err
}

func jsonStep(line []byte) (int, bool, error) {
	var r struct {
		Step *int `json:"step"`
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return 0, false, err
	}
	if r.Step == nil {
		return 0, false, fmt.Errorf("%.40q has no step", line)
	}
	return *r.Step, true, nil
}
