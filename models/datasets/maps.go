package datasets

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/ditac-go/ditac/models/data"
)

// floats returns cells as numbers.
func floats(cells []string) ([]float32, error) {
	v := make([]float32, len(cells))
	for i, c := range cells {
		x, err := strconv.ParseFloat(c, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", c)
		}
		v[i] = float32(x)
	}
	return v, nil
}

// columns returns columns of a CSV file by name, as text.
func columns(file []byte, name string, names ...string) ([][]string, error) {
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	}
	cols := make([][]string, len(names))
	for k, n := range names {
		c := slices.Index(rows[0], n)
		if c < 0 {
			return nil, fmt.Errorf("%s has no column %q", name, n)
		}
		for _, row := range rows[1:] {
			cols[k] = append(cols[k], row[c])
		}
	}
	return cols, nil
}

// grid is a raster in vega's form: values row by row; column i and row j are at
// translate + scale·(i, j).
type grid struct {
	Width, Height    int
	Values           []float32
	Scale, Translate [2]float64
}

// raster builds a map of a grid.
func raster(file []byte, name string, g grid, inputs ...string) (*Loaded, error) {
	if err := json.Unmarshal(file, &g); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if g.Width < 1 || len(g.Values) != g.Width*g.Height {
		return nil, fmt.Errorf("%s: %d values for %d×%d", name, len(g.Values), g.Width, g.Height)
	}
	s := &data.Set{XShape: []int{2}, Inputs: inputs, Y: g.Values}
	for i := range g.Values {
		s.X = append(s.X,
			float32(g.Translate[0]+g.Scale[0]*float64(i%g.Width)),
			float32(g.Translate[1]+g.Scale[1]*float64(i/g.Width)))
	}
	return &Loaded{Set: s}, nil
}

// volcano's points are ten metres apart.
func volcano(_ context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	return raster(files["volcano.json"], "volcano.json", grid{Scale: [2]float64{10, 10}}, "x", "y")
}

func precipitation(_ context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	return raster(files["annual-precip.json"], "annual-precip.json", grid{}, "longitude", "latitude")
}

// wind turns direction and speed into components. The direction is that which the wind
// comes from, in degrees clockwise from north, as meteorologists have it.
func wind(_ context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	const name = "windvectors.csv"
	cols, err := columns(files[name], name, "longitude", "latitude", "dir", "speed")
	if err != nil {
		return nil, err
	}
	s := &data.Set{XShape: []int{2}, YShape: []int{2}, Inputs: []string{"longitude", "latitude"}}
	for i := range cols[0] {
		v, err := floats([]string{cols[0][i], cols[1][i], cols[2][i], cols[3][i]})
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, i+2, err)
		}
		sin, cos := math.Sincos(float64(v[2]) * math.Pi / 180)
		s.X = append(s.X, v[0], v[1])
		s.Y = append(s.Y, float32(-float64(v[3])*sin), float32(-float64(v[3])*cos))
	}
	return &Loaded{Set: s}, nil
}

// temperature takes the time as two inputs, since hours and days have cycles of their
// own.
func temperature(_ context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
	const name = "seattle-weather-hourly-normals.csv"
	cols, err := columns(files[name], name, "date", "temperature")
	if err != nil {
		return nil, err
	}
	s := &data.Set{XShape: []int{2}, Inputs: []string{"day", "hour"}}
	for i, date := range cols[0] {
		t, err := time.Parse("2006-01-02T15:04:05", date)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, i+2, err)
		}
		y, err := floats(cols[1][i : i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, i+2, err)
		}
		s.X = append(s.X, float32(t.YearDay()), float32(t.Hour()))
		s.Y = append(s.Y, y...)
	}
	return &Loaded{Set: s}, nil
}

// series builds a function of the date, in years since the first of the file: float32
// resolves hours there, but only days in years since our era began.
func series(name, date, target string) builder {
	return func(_ context.Context, files map[string][]byte, _ Options) (*Loaded, error) {
		cols, err := columns(files[name], name, date, target)
		if err != nil {
			return nil, err
		}
		s := &data.Set{XShape: []int{1}, Inputs: []string{"years"}}
		var first time.Time
		for i, d := range cols[0] {
			t, err := time.Parse(time.DateOnly, d)
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", name, i+2, err)
			}
			if i == 0 {
				first = t
			}
			y, err := floats(cols[1][i : i+1])
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", name, i+2, err)
			}
			s.X = append(s.X, float32(t.Sub(first).Hours()/24/365.25))
			s.Y = append(s.Y, y...)
		}
		return &Loaded{Set: s}, nil
	}
}
