package task

import (
	"fmt"

	"github.com/ditac-go/ditac/cpab/curve"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/examples/internal/cli"
	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models/train"
)

// insideArray and thetaArray are the names of an outcome's arrays: the parts of the inputs
// of each DiTAC activation that lie in its domain, after the training; and the θ of
// activation k.
const insideArray = "inside"

func thetaArray(k int) string { return fmt.Sprintf("theta %d", k) }

// Curve is a DiTAC activation that a network has learned.
type Curve struct {
	Inside float64 // part of the inputs that lie in the domain
	Exact  *curve.Exact
}

// KeepCurves keeps in an outcome, which has Arrays, what its network's DiTAC activations
// have learned, if each is at one place of the network and has one group.
func KeepCurves(o *sweep.Outcome, result *train.Result) error {
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

// Curves returns the DiTAC activations of an outcome, from the input to the output, with
// the settings that it was made with; none for other activations.
func Curves(o *sweep.Outcome, settings cli.DiTAC) ([]Curve, error) {
	var curves []Curve
	for k, part := range o.Arrays[insideArray] {
		exact, err := settings.Learned(o.Run.Activation, o.Run.Seed, o.Arrays[thetaArray(k)])
		if err != nil {
			return nil, fmt.Errorf("%v: %w", o.Run, err)
		}
		curves = append(curves, Curve{Inside: float64(part), Exact: exact})
	}
	return curves, nil
}
