package task

import (
	"fmt"
	"io"

	"github.com/ditac-go/ditac/examples/internal/sweep"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/train"
)

// The names of an outcome's arrays that say what contributed: the losses of an ablation; the
// indices of the test's examples whose inputs are explained, their outputs, f(x) and
// f(baseline), and the attributions.
const (
	ablationArray    = "ablation"
	explainedArray   = "explained"
	outputsArray     = "explained outputs"
	atArray          = "explained at"
	baselineArray    = "explained at baseline"
	attributionArray = "attributions"
)

// ablated is the greatest number of the test's examples that an ablation looks at.
const ablated = 2000

// KeepExplained keeps in an outcome, which has Arrays, what the activations of its network
// contribute to the loss of a test, and what the inputs contribute to the outputs for the
// examples of the test that which names.
func KeepExplained(o *sweep.Outcome, build train.Builder, network models.Network, test *data.Set, loss train.Loss, which []int, opts explain.Options) error {
	some, err := test.Subset(first(min(test.Len(), ablated)))
	if err != nil {
		return err
	}
	a, err := explain.Ablate(build, network, some, loss, min(some.Len(), 256))
	if err != nil {
		return err
	}
	o.Arrays[ablationArray] = []float32{float32(a.Loss), float32(a.Start)}
	for _, r := range a.Activations {
		o.Arrays[ablationArray] = append(o.Arrays[ablationArray], float32(r.Reset), float32(r.Kept))
	}
	shown, err := test.Subset(which)
	if err != nil {
		return err
	}
	at, err := explain.IntegratedGradients(build, network, shown.X, shown.XShape, opts)
	if err != nil {
		return err
	}
	for i, k := range at.Output {
		o.Arrays[explainedArray] = append(o.Arrays[explainedArray], float32(which[i]))
		o.Arrays[outputsArray] = append(o.Arrays[outputsArray], float32(k))
		o.Arrays[atArray] = append(o.Arrays[atArray], float32(at.At[i]))
		o.Arrays[baselineArray] = append(o.Arrays[baselineArray], float32(at.AtBaseline[i]))
	}
	for _, v := range at.Values {
		o.Arrays[attributionArray] = append(o.Arrays[attributionArray], float32(v))
	}
	return nil
}

// first returns 0, 1, …, n − 1.
func first(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Explained is what contributed to an outcome.
type Explained struct {
	Examples     []int // of the test
	Attributions *explain.Attributions
	Ablation     *explain.Ablation
}

// ExplainedOf returns what KeepExplained kept of inputs of a shape; nil if it kept nothing.
func ExplainedOf(o *sweep.Outcome, xshape []int) *Explained {
	if o == nil || len(o.Arrays[ablationArray]) < 2 {
		return nil
	}
	a := o.Arrays[ablationArray]
	e := &Explained{Ablation: &explain.Ablation{Loss: float64(a[0]), Start: float64(a[1])}}
	for k := 2; k+1 < len(a); k += 2 {
		e.Ablation.Activations = append(e.Ablation.Activations, explain.Ablated{
			Name: fmt.Sprintf("activation %d", k/2), Reset: float64(a[k]), Kept: float64(a[k+1]),
		})
	}
	e.Attributions = &explain.Attributions{
		XShape: xshape, Values: float64s(o.Arrays[attributionArray]),
		At: float64s(o.Arrays[atArray]), AtBaseline: float64s(o.Arrays[baselineArray]),
	}
	for i, k := range o.Arrays[outputsArray] {
		e.Attributions.Output = append(e.Attributions.Output, int(k))
		e.Examples = append(e.Examples, int(o.Arrays[explainedArray][i]))
	}
	return e
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// PrintExplained prints what the activations of each activation's median run contribute, and
// how complete the attributions of its inputs are. It prints nothing of runs that kept none.
func PrintExplained(out io.Writer, res *sweep.Results, xshape []int) error {
	heading := "\nwhat contributed, in each activation's run of median score (loss of the test, at most 2,000 examples):\n"
	for _, name := range res.Grid.Activations {
		e := ExplainedOf(res.Typical(name), xshape)
		if e == nil {
			continue
		}
		a, most := e.Ablation, 0.
		for i := range e.Attributions.At {
			most = max(most, e.Attributions.At[i]-e.Attributions.AtBaseline[i], e.Attributions.AtBaseline[i]-e.Attributions.At[i])
		}
		if _, err := fmt.Fprintf(out, "%s  %s: loss %.4f; attributions sum to f(x) − f(baseline), at most %.3g, within %.2g\n", heading, name, a.Loss, most, e.Attributions.LargestGap()); err != nil {
			return err
		}
		heading = ""
		if len(a.Activations) > 0 {
			fmt.Fprintf(out, "    all activations at their start: %.4f\n", a.Start)
		}
		for _, r := range a.Activations {
			if _, err := fmt.Fprintf(out, "    %s: alone at its start %.4f, alone as learned %.4f\n", r.Name, r.Reset, r.Kept); err != nil {
				return err
			}
		}
	}
	return nil
}
