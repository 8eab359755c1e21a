package segmentation

import (
	"fmt"
	"image"

	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/examples/internal/task"
)

// saidArray is the name of an outcome's array: the classes that the network says of the
// pixels of the scenes shown.
const saidArray = "classes"

// Curve is a DiTAC activation that a network has learned.
type Curve struct {
	task.Curve
	Name string // of the place in the network
}

// Curves returns the DiTAC activations of an outcome, from the input to the output, with
// the settings that it was made with; none for other activations.
func (t *Task) Curves(o *sweep.Outcome, settings cli.DiTAC) ([]Curve, error) {
	all, err := task.Curves(o, settings)
	if err != nil {
		return nil, err
	}
	var curves []Curve
	for k, c := range all {
		curves = append(curves, Curve{c, t.place(k)})
	}
	return curves, nil
}

// place names the place of an activation in the network: two of each level on the way
// down, then two of each but the lowest on the way up.
func (t *Task) place(k int) string {
	way, level := "down", k/2
	if level > t.Depth {
		way, level = "up", 2*t.Depth-level
	}
	return fmt.Sprintf("%s, level %d, %s", way, level, []string{"first", "second"}[k%2])
}

// Shown is the number of the test's scenes that there are pictures of.
func (t *Task) Shown() int { return shown }

// Scene returns a scene of the test.
func (t *Task) Scene(i int) image.Image {
	x, _ := t.test.Example(i)
	return picture(x, t.Size)
}

// Truth returns a scene of the test with its classes.
func (t *Task) Truth(i int) image.Image {
	x, y := t.test.Example(i)
	return overlay(x, y, t.Size)
}

// Said returns a scene of the test with the classes that the network of an outcome says.
func (t *Task) Said(i int, o *sweep.Outcome) image.Image {
	x, _ := t.test.Example(i)
	n := t.Size * t.Size
	return overlay(x, o.Arrays[saidArray][i*n:(i+1)*n], t.Size)
}
