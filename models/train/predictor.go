package train

import (
	"errors"
	"fmt"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/internal/values"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
)

// Predictor computes the outputs of a network for any number of inputs. It makes the
// network for evaluation in a graph for its batch size, and in another for the rest that
// is left of the inputs, and keeps both. Use one in one goroutine.
type Predictor struct {
	build  Builder
	xshape []int
	batch  int
	loss   Loss // nil: none
	yshape []int

	full, rest *program
	closed     bool
}

// program is a graph with its machine.
type program struct {
	*graph
	out, loss gorgonia.Value
	vm        gorgonia.VM
}

// NewPredictor returns a predictor for inputs of a shape, that of one example, which goes
// through them in batches of a size; a larger one takes more memory.
func NewPredictor(network Builder, xshape []int, batch int) (*Predictor, error) {
	if network == nil {
		return nil, fmt.Errorf("train: NewPredictor: network is nil")
	}
	if batch < 1 {
		return nil, fmt.Errorf("train: NewPredictor: batch is %d, want at least 1", batch)
	}
	for _, d := range xshape {
		if d < 1 {
			return nil, fmt.Errorf("train: NewPredictor: xshape is %v, want positive dimensions", xshape)
		}
	}
	return &Predictor{build: network, xshape: xshape, batch: batch}, nil
}

// Predict returns the outputs of a network, one example's after another's, for the inputs
// x of one or more examples. The network is one that the same Builder made: its
// learnables and state are copied, those of from stay as they are.
func (p *Predictor) Predict(from models.Network, x []float32) ([]float32, error) {
	out, _, err := p.run(from, x, nil)
	if err != nil {
		return nil, fmt.Errorf("train: Predict: %w", err)
	}
	return out, nil
}

// run returns outputs, and the mean loss against targets y, if there are any: of the
// means of batches, weighted by their sizes.
func (p *Predictor) run(from models.Network, x, y []float32) (out []float32, loss float64, err error) {
	nx, ny := data.Size(p.xshape), data.Size(p.yshape)
	n := len(x) / nx
	switch {
	case p.closed:
		return nil, 0, fmt.Errorf("the Predictor is closed")
	case p.build == nil:
		return nil, 0, fmt.Errorf("the Predictor was not made by NewPredictor")
	case from == nil:
		return nil, 0, fmt.Errorf("from is nil")
	case n == 0 || len(x)%nx != 0:
		return nil, 0, fmt.Errorf("%d inputs, want a multiple of %d, the numbers of an example of shape %v", len(x), nx, p.xshape)
	}
	var last *program
	for at := 0; at < n; at += p.batch {
		size := min(p.batch, n-at)
		g, err := p.program(size)
		if err != nil {
			return nil, 0, err
		}
		if g != last {
			if err := models.CopyNetwork(g.net, from); err != nil {
				return nil, 0, err
			}
			last = g
		}
		copy(g.x.f32, x[at*nx:])
		if p.loss != nil {
			copy(g.target.f32, y[at*ny:(at+size)*ny])
		}
		part, l, err := g.run()
		if err != nil {
			return nil, 0, fmt.Errorf("examples %d to %d: %w", at, at+size-1, err)
		}
		out = append(out, part...)
		loss += l * float64(size) / float64(n)
	}
	return out, loss, nil
}

// program returns the graph for a batch of a size.
func (p *Predictor) program(size int) (*program, error) {
	kept := &p.rest
	if size == p.batch {
		kept = &p.full
	}
	if *kept != nil && (*kept).batch == size {
		return *kept, nil
	}
	if err := (*kept).close(); err != nil {
		return nil, err
	}
	*kept = nil
	g, err := newGraph(p.build, models.Evaluation, size, p.xshape)
	if err != nil {
		return nil, err
	}
	made := &program{graph: g}
	gorgonia.Read(g.out, &made.out)
	if p.loss != nil {
		cost, err := g.loss(p.loss, p.yshape)
		if err != nil {
			return nil, err
		}
		gorgonia.Read(cost, &made.loss)
	}
	if made.vm, err = cuda.NewTapeMachine(g.out.Graph()); err != nil {
		return nil, err
	}
	*kept = made
	return made, nil
}

// run computes the outputs, whose memory the program keeps, and the loss.
func (g *program) run() ([]float32, float64, error) {
	g.x.ready()
	if g.target != nil {
		g.target.ready()
	}
	defer g.vm.Reset()
	if err := g.vm.RunAll(); err != nil {
		return nil, 0, err
	}
	out, err := float32s(g.out)
	if err != nil || g.loss == nil {
		return out, 0, err
	}
	loss, err := values.Float64s(g.loss)
	if err != nil {
		return nil, 0, err
	}
	return out, loss[0], nil
}

func (g *program) close() error {
	if g == nil || g.vm == nil {
		return nil
	}
	return g.vm.Close()
}

// Close frees the machines. Closing again does nothing.
func (p *Predictor) Close() error {
	p.closed = true
	err := errors.Join(p.full.close(), p.rest.close())
	p.full, p.rest = nil, nil
	return err
}
