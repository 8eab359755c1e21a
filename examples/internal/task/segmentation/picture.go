package segmentation

import (
	"fmt"
	"image"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models/train"
)

// The names of an outcome's arrays: the classes that the network says of the pixels of
// the scenes shown; the parts of the inputs of each DiTAC activation that lie in its
// domain, after the training; and the θ of activation k.
const (
	saidArray   = "classes"
	insideArray = "inside"
)

func thetaArray(k int) string { return fmt.Sprintf("theta %d", k) }

// keepCurves keeps in an outcome what its network's DiTAC activations of one group have
// learned.
func keepCurves(o *sweep.Outcome, result *train.Result) error {
	k := 0
	for _, a := range result.Network.Activations() {
		d, ok := a.(*ditacop.Activation)
		if !ok || d.Groups() != 1 {
			continue
		}
		theta, err := d.ThetaValues(0)
		if err != nil {
			return err
		}
		kept := make([]float32, len(theta))
		for i, v := range theta {
			kept[i] = float32(v)
		}
		o.Arrays[thetaArray(k)] = kept
		k++
	}
	if k == 0 || len(result.Domains) != k {
		return nil
	}
	for _, d := range result.Domains {
		o.Arrays[insideArray] = append(o.Arrays[insideArray], float32(d.End))
	}
	return nil
}

// Curve is a DiTAC activation that a network has learned.
type Curve struct {
	Name   string  // of the place in the network
	Inside float64 // part of the inputs that lie in the domain
	Exact  *curve.Exact
}

// Curves returns the DiTAC activations of an outcome, from the input to the output, with
// the settings that it was made with; none for other activations.
func (t *Task) Curves(o *sweep.Outcome, settings cli.DiTAC) ([]Curve, error) {
	inside := o.Arrays[insideArray]
	var curves []Curve
	for k, part := range inside {
		exact, err := settings.Learned(o.Run.Activation, o.Run.Seed, o.Arrays[thetaArray(k)])
		if err != nil {
			return nil, fmt.Errorf("%v: %w", o.Run, err)
		}
		curves = append(curves, Curve{Name: t.place(k), Inside: float64(part), Exact: exact})
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
