package data

import (
	"fmt"
	"math"
	"time"
)

// timeLayouts are the forms of dates and times that a reader of tables knows: the year
// first, as it is the only order that is read in one way.
var timeLayouts = []string{
	"2006-01-02", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.RFC3339,
	"2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04", "20060102", "2006-01",
}

// timeInput is a column of dates or times as numbers: the days since the column's first
// one, for trends, and where it lies in the year, in the week and, if the column has
// times of day, in the day, each as the sine and cosine of an angle, so that the end of a
// period is near its beginning.
type timeInput struct {
	first   time.Time
	clock   bool // some value has a time of day
	layouts []string
}

// parse returns the time that a cell says.
func (c *timeInput) parse(cell string) (time.Time, error) {
	for _, layout := range c.layouts {
		if t, err := time.Parse(layout, cell); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time in one of the forms %q (TimeLayouts)", cell, c.layouts)
}

// names returns the names of the column's inputs.
func (c *timeInput) names(column string) []string {
	names := []string{column, column + ":year sin", column + ":year cos", column + ":week sin", column + ":week cos"}
	if c.clock {
		names = append(names, column+":day sin", column+":day cos")
	}
	return names
}

// numbers returns the inputs of a time.
func (c *timeInput) numbers(t time.Time) []float64 {
	day := timeOfDay(t).Hours() / 24
	begin := time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	year := (float64(t.YearDay()-1) + day) / (begin.AddDate(1, 0, 0).Sub(begin).Hours() / 24)
	phases := []float64{year, (float64(t.Weekday()) + day) / 7}
	if c.clock {
		phases = append(phases, day)
	}
	x := []float64{t.Sub(c.first).Hours() / 24}
	for _, phase := range phases {
		sin, cos := math.Sincos(2 * math.Pi * phase)
		x = append(x, sin, cos)
	}
	return x
}

// timeOfDay returns what a clock shows, whatever its zone.
func timeOfDay(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}

// times finds out what a column of times holds.
func (b *tableSet) times(col int) (input, error) {
	c := &timeInput{layouts: b.opts.TimeLayouts}
	if c.layouts == nil {
		c.layouts = timeLayouts
	}
	in := input{col: col, times: c}
	var all []time.Time
	for r := range b.rows {
		if b.isMissing(r, col) {
			continue
		}
		t, err := c.parse(b.rows[r][col])
		if err != nil {
			return in, fmt.Errorf("%s: %w", b.at(r, col), err)
		}
		c.clock = c.clock || timeOfDay(t) != 0
		if len(all) == 0 || t.Before(c.first) {
			c.first = t
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return in, fmt.Errorf("column %q has no values", b.names[col])
	}
	in.means = make([]float64, len(c.names("")))
	if b.opts.Missing == ZeroMissing {
		return in, nil
	}
	for _, t := range all {
		for i, v := range c.numbers(t) {
			in.means[i] += v / float64(len(all))
		}
	}
	return in, nil
}
