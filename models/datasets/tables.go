package datasets

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ditac-go/ditac/models/data"
)

// builder makes a data set of its files.
type builder = func(ctx context.Context, files map[string][]byte, opts Options) (*Loaded, error)

// arff builds a table of an ARFF file.
func arff(name string, table data.TableOptions) builder {
	return func(ctx context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
		s, _, err := data.ParseARFF(ctx, bytes.NewReader(files[name]), name, table)
		return &Loaded{Set: s}, err
	}
}

// values builds a table of a CSV file.
func values(name string, table data.TableOptions) builder {
	return func(ctx context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
		s, _, err := data.ParseCSV(ctx, bytes.NewReader(files[name]), name, table)
		return &Loaded{Set: s}, err
	}
}

// learn builds a table of a CSV file of scikit-learn's, whose first line has the number
// of examples, that of inputs, and the classes' names.
func learn(name string, inputs []string) builder {
	return func(ctx context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
		head, rows, _ := strings.Cut(string(files[name]), "\n")
		s, _, err := data.ParseCSV(ctx, strings.NewReader(rows), name, data.TableOptions{NoHeader: true, Task: data.Classification})
		if err != nil {
			return nil, err
		}
		names := strings.Split(strings.TrimSpace(head), ",")
		if len(names) != 2+len(s.Classes) {
			return nil, fmt.Errorf("%s: the first line %q does not have the names of %d classes", name, head, len(s.Classes))
		}
		s.Classes, s.Inputs = names[2:], slices.Clone(inputs)
		return &Loaded{Set: s}, nil
	}
}

// nuclei are the measurements of breast-cancer: of ten features the mean, the standard
// error and the worst.
func nuclei() (names []string) {
	features := []string{"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry", "fractal dimension"}
	for _, of := range []string{"mean", "error of", "worst"} {
		for _, f := range features {
			names = append(names, of+" "+f)
		}
	}
	return names
}

// diabetes joins scikit-learn's file of inputs, separated by spaces, and that of the
// targets.
func diabetes(ctx context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	var lines [2][]string
	for i, name := range []string{"diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"} {
		b, err := gunzip(files[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		lines[i] = strings.Split(strings.TrimSpace(string(b)), "\n")
	}
	if len(lines[0]) != len(lines[1]) {
		return nil, fmt.Errorf("%d lines of inputs, but %d of targets", len(lines[0]), len(lines[1]))
	}
	rows := [][]string{{"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "progress"}}
	for i, line := range lines[0] {
		rows = append(rows, append(strings.Fields(line), strings.TrimSpace(lines[1][i])))
	}
	return rowsSet(ctx, "diabetes", rows, data.TableOptions{})
}

// rowsSet builds a table of rows, whose first has the columns' names.
func rowsSet(ctx context.Context, name string, rows [][]string, table data.TableOptions) (*Loaded, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	s, _, err := data.ParseCSV(ctx, &b, name, table)
	return &Loaded{Set: s}, err
}

// objects returns the objects of a JSON file as rows under the given names.
func objects(file []byte, names []string) ([][]string, error) {
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	var list []map[string]any
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	rows := [][]string{names}
	for _, o := range list {
		row := make([]string, len(names))
		for i, n := range names {
			if o[n] != nil {
				row[i] = fmt.Sprint(o[n])
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func cars(ctx context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	rows, err := objects(files["cars.json"], []string{"Cylinders", "Displacement", "Horsepower", "Weight_in_lbs", "Acceleration", "Year", "Origin", "Miles_per_Gallon"})
	if err != nil {
		return nil, err
	}
	const year = 5
	for _, row := range rows[1:] {
		row[year], _, _ = strings.Cut(row[year], "-")
	}
	return rowsSet(ctx, "cars", rows, data.TableOptions{Missing: data.DropMissing})
}

// penguins leaves out the islands, of which two have one species but for a few.
func penguins(ctx context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	rows, err := objects(files["penguins.json"], []string{"Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)", "Sex", "Species"})
	if err != nil {
		return nil, err
	}
	return rowsSet(ctx, "penguins", rows, data.TableOptions{Missing: data.DropMissing, MissingWords: []string{"", "."}})
}

// segment has the training and the test set of weka.
func segment(ctx context.Context, files map[string][]byte, opts Options) (*Loaded, error) {
	var sets [2]*data.Set
	for i, name := range []string{"segment-challenge.arff", "segment-test.arff"} {
		l, err := arff(name, data.TableOptions{})(ctx, files, opts)
		if err != nil {
			return nil, err
		}
		sets[i] = l.Set
	}
	return divided("segment", sets[0], sets[1])
}

// divided returns a data set that the source divides.
func divided(name string, train, test *data.Set) (*Loaded, error) {
	if !slices.Equal(train.Classes, test.Classes) || !slices.Equal(train.XShape, test.XShape) {
		return nil, fmt.Errorf("the training set has inputs %v and classes %q, the test set %v and %q", train.XShape, train.Classes, test.XShape, test.Classes)
	}
	train.Name, test.Name = name+" train", name+" test"
	all := *train
	all.X, all.Y = slices.Concat(train.X, test.X), slices.Concat(train.Y, test.Y)
	return &Loaded{Set: &all, Train: train, Test: test}, nil
}

// travel gives each traveller one example: the file has a line for each of the four
// ways to travel.
func travel(_ context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	const name = "modechoice.csv"
	r := csv.NewReader(bytes.NewReader(files[name]))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	ways := []string{"plane", "train", "bus", "car"}
	s := &data.Set{Classes: ways}
	const choice, first, last, shared = 2, 3, 6, 7 // columns: the choice, ttme to gc, then hinc and psize
	for _, way := range ways {
		for _, c := range rows[0][first : last+1] {
			s.Inputs = append(s.Inputs, way+" "+c)
		}
	}
	s.Inputs = append(s.Inputs, rows[0][shared:]...)
	s.XShape = []int{len(s.Inputs)}
	for i := 1; i+len(ways) <= len(rows); i += len(ways) {
		for w, row := range rows[i : i+len(ways)] {
			x, err := floats(row[first : last+1])
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", name, i+w+1, err)
			}
			s.X = append(s.X, x...)
			if row[choice] == "1" {
				s.Y = append(s.Y, float32(w))
			}
		}
		x, err := floats(rows[i][shared:])
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, i+1, err)
		}
		s.X = append(s.X, x...)
	}
	return &Loaded{Set: s}, nil
}
