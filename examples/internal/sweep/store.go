package sweep

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ditac-go/ditac/internal/atomicfile"
)

// store keeps outcomes in the files of a folder.
type store struct {
	folder   string // of the results; the files are in its folder runs
	scores   []Score
	settings json.RawMessage
}

// runsFolder is the folder of the outcomes' files in that of the results.
const runsFolder = "runs"

// newStore returns the store of a program's outcomes in a folder of results.
func newStore(p Program, folder string) (*store, error) {
	settings, err := json.Marshal(struct {
		Program  string
		Steps    int
		Settings any
	}{p.Name, p.Grid.Steps, p.Settings})
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return &store{folder: filepath.Join(folder, runsFolder), scores: p.Scores, settings: settings}, nil
}

func (s *store) path(run Run) string { return filepath.Join(s.folder, run.file()) }

// remove deletes the files of runs, those that there are.
func (s *store) remove(list []Run) error {
	for _, run := range list {
		if err := os.Remove(s.path(run)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// errSettings says that a file was made with other settings.
var errSettings = errors.New("made with other settings")

// record is the file of an outcome.
type record struct {
	Settings     json.RawMessage     `json:"settings"`
	Activation   string              `json:"activation"`
	Rate         float64             `json:"rate"`
	Seed         uint64              `json:"seed"`
	Scores       map[string]number   `json:"scores"`
	Params       int                 `json:"parameters"`
	TrainSeconds float64             `json:"train_seconds"`
	InferSeconds float64             `json:"infer_seconds"`
	Arrays       map[string]float32s `json:"arrays,omitempty"`
}

// save writes the file of an outcome.
func (s *store) save(o *Outcome) error {
	if len(o.Scores) != len(s.scores) {
		return fmt.Errorf("%d scores, want %d", len(o.Scores), len(s.scores))
	}
	r := record{
		Settings: s.settings, Activation: o.Run.Activation, Rate: o.Run.Rate, Seed: o.Run.Seed, Scores: map[string]number{},
		Params: o.Params, TrainSeconds: o.TrainSeconds, InferSeconds: o.InferSeconds, Arrays: map[string]float32s{},
	}
	for k, x := range o.Scores {
		r.Scores[s.scores[k].Name] = number(x)
	}
	for name, x := range o.Arrays {
		r.Arrays[name] = x
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(s.path(o.Run), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(r)
	})
}

// load reads the file of a run; nil if there is none. A file of other settings, or of
// another run, is an error.
func (s *store) load(run Run) (*Outcome, error) {
	path := s.path(run)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; without the file, the run is made anew", path, err)
	}
	if diff := difference(r.Settings, s.settings); diff != "" {
		return nil, fmt.Errorf("%s: %w: %s", path, errSettings, diff)
	}
	if got := (Run{r.Activation, r.Rate, r.Seed}); got != run {
		return nil, fmt.Errorf("%s: holds the run %v", path, got)
	}
	o := &Outcome{Run: run, Params: r.Params, TrainSeconds: r.TrainSeconds, InferSeconds: r.InferSeconds, Arrays: map[string][]float32{}}
	for _, score := range s.scores {
		x, ok := r.Scores[score.Name]
		if !ok {
			return nil, fmt.Errorf("%s: no score %q", path, score.Name)
		}
		o.Scores = append(o.Scores, float64(x))
	}
	for name, x := range r.Arrays {
		o.Arrays[name] = x
	}
	return o, nil
}

// difference says in which settings two JSON objects differ; it is empty if in none.
func difference(there, here json.RawMessage) string {
	a, b := flatten(there), flatten(here)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if was, ok := a[name]; !ok {
			parts = append(parts, fmt.Sprintf("no %s there, %s here", name, b[name]))
		} else if was != b[name] {
			parts = append(parts, fmt.Sprintf("%s %s there, %s here", name, was, b[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if _, ok := b[name]; !ok {
			parts = append(parts, fmt.Sprintf("%s %s there, none here", name, a[name]))
		}
	}
	return strings.Join(parts, "; ")
}

// flatten returns the values of a JSON object and of the objects in it, as JSON, by
// their names.
func flatten(object json.RawMessage) map[string]string {
	flat := map[string]string{}
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil || fields == nil {
		return flat
	}
	for name, value := range fields {
		if value[0] != '{' {
			flat[name] = compact(value)
			continue
		}
		for inner, v := range flatten(value) {
			if name != "Settings" { // whose names stand alone
				inner = name + "." + inner
			}
			flat[inner] = v
		}
	}
	return flat
}

// compact returns JSON without the blanks that indentation gives it.
func compact(value json.RawMessage) string {
	data, err := json.Marshal(value)
	if err != nil {
		return string(value)
	}
	return string(data)
}

// number is a float64 that JSON holds exactly, whatever its value.
type number float64

// MarshalJSON implements json.Marshaler.
func (x number) MarshalJSON() ([]byte, error) {
	s := strconv.FormatFloat(float64(x), 'g', -1, 64)
	if v := float64(x); v-v != 0 { // NaN and infinities are no JSON
		s = strconv.Quote(s)
	}
	return []byte(s), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (x *number) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	*x = number(v)
	return err
}

// float32s are written as the base64 text of their bytes, least byte first.
type float32s []float32

// MarshalJSON implements json.Marshaler.
func (x float32s) MarshalJSON() ([]byte, error) {
	data := make([]byte, 0, 4*len(x))
	for _, v := range x {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(data))
}

// UnmarshalJSON implements json.Unmarshaler.
func (x *float32s) UnmarshalJSON(text []byte) error {
	var data []byte // which json reads from base64
	if err := json.Unmarshal(text, &data); err != nil {
		return err
	}
	if len(data)%4 != 0 {
		return fmt.Errorf("array of %d bytes, want a multiple of 4", len(data))
	}
	*x = make(float32s, len(data)/4)
	for i := range *x {
		(*x)[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return nil
}
