package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/ditac-go/ditac/cuda"
	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"gorgonia.org/gorgonia"
)

// examined is the most examples that in-domain fractions and calibration look at.
const examined = 1024

// sample returns the inputs that the domains are measured on, and their batch.
func (c *Config) sample() (x []float32, err error) {
	nx := data.Size(c.XShape)
	if c.Valid != nil {
		return c.Valid.X[:min(c.Valid.Len(), examined)*nx], nil
	}
	x = make([]float32, c.Batch*nx)
	if err := c.Source.Fill(0, x, make([]float32, c.Batch*data.Size(c.YShape))); err != nil {
		return nil, fmt.Errorf("inputs of step 0: %w", err)
	}
	return x[:min(c.Batch, examined)*nx], nil
}

// eachInput calls f for the inputs of the activations of a network, in evaluation, for
// the inputs x of the network, batch by batch.
func (c *Config) eachInput(from models.Network, x []float32, f func(place int, pre []float32)) error {
	nx := data.Size(c.XShape)
	for n := len(x) / nx; n > 0; n = len(x) / nx {
		size := min(n, c.Batch)
		count := n / size // of batches of that size
		if err := c.eachInputOf(from, x[:count*size*nx], size, f); err != nil {
			return err
		}
		x = x[count*size*nx:]
	}
	return nil
}

// eachInputOf is eachInput for x of whole batches.
func (c *Config) eachInputOf(from models.Network, x []float32, batch int, f func(place int, pre []float32)) error {
	g, err := newGraph(c.Network, models.Evaluation, batch, c.XShape)
	if err != nil {
		return err
	}
	nodes := g.net.PreActivations()
	pre := make([]gorgonia.Value, len(nodes))
	for i, n := range nodes {
		gorgonia.Read(n, &pre[i])
	}
	if err := models.CopyNetwork(g.net, from); err != nil {
		return err
	}
	vm, err := cuda.NewTapeMachine(g.out.Graph())
	if err != nil {
		return err
	}
	defer vm.Close()
	size := batch * data.Size(c.XShape)
	for ; len(x) > 0; x = x[size:] {
		copy(g.x.f32, x)
		g.x.ready()
		if err := vm.RunAll(); err != nil {
			return err
		}
		for i, v := range pre {
			values, err := float32s(v)
			if err != nil {
				return err
			}
			f(i, values)
		}
		vm.Reset()
	}
	return nil
}

// fractions returns the DiTAC activations of the network with the fraction, as Start, of
// their inputs that lie in their domain now.
func (s *session) fractions() ([]Domain, error) {
	places := map[int]*Domain{}
	var order []int
	for i, a := range s.net.Activations() {
		if d, ok := a.(*ditacop.Activation); ok {
			lo, hi := d.Space().Domain()
			places[i] = &Domain{Name: d.Name(), A: lo, B: hi}
			order = append(order, i)
		}
	}
	if len(order) == 0 {
		return nil, nil
	}
	x, err := s.sample()
	if err != nil {
		return nil, err
	}
	in, all := map[int]int{}, map[int]int{}
	err = s.eachInput(s.net, x, func(place int, pre []float32) {
		d := places[place]
		if d == nil {
			return
		}
		in[place] += countIn(pre, d.A, d.B)
		all[place] += len(pre)
	})
	var out []Domain
	for _, i := range order {
		places[i].Start = float64(in[i]) / float64(max(1, all[i]))
		out = append(out, *places[i])
	}
	if err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	return out, nil
}

// countIn returns how many of x lie in [a,b].
func countIn(x []float32, a, b float64) int {
	n := 0
	for _, e := range x {
		if float64(e) >= a && float64(e) <= b {
			n++
		}
	}
	return n
}

// measureDomains notes the fractions before training, or takes those of the checkpoint.
func (s *session) measureDomains() error {
	now, err := s.fractions()
	if err != nil {
		return err
	}
	if s.resumed && len(s.starts) == len(now) {
		for i, f := range s.starts {
			now[i].Start = f
		}
	}
	s.starts = nil
	for _, d := range now {
		s.starts = append(s.starts, d.Start)
	}
	s.domains = now
	return nil
}

// perPlace is the most inputs of an activation that calibration keeps.
const perPlace = 1 << 18

// Calibrate returns a domain [a,b] for each activation of the network, from the inputs
// that it has: their quantiles at quantile and 1 − quantile, so that quantile 0.01 puts
// 98 % of them into the domain. models.DiTACDomains makes activations of them.
//
// With Steps or Epochs, the network of c is trained for these first, without its
// Checkpoint: give it a fixed activation such as GELU, because inputs change much in the
// first steps. With neither, the inputs are those of the initial network. They are of the
// first 1,024 examples of Valid, or of the first batch without Valid.
func Calibrate(ctx context.Context, c Config, quantile float64) ([][2]float64, error) {
	domains, err := calibrate(ctx, c, quantile)
	if err != nil {
		return nil, fmt.Errorf("train: Calibrate: %w", err)
	}
	return domains, nil
}

func calibrate(ctx context.Context, c Config, quantile float64) ([][2]float64, error) {
	if !(quantile >= 0 && quantile < 0.5) {
		return nil, fmt.Errorf("quantile is %v, want 0 to less than 0.5", quantile)
	}
	if ctx == nil {
		return nil, fmt.Errorf("ctx is nil, want at least context.Background()")
	}
	c.Checkpoint, c.Resume = "", false
	none := c.Steps == 0 && c.Epochs == 0
	if none {
		c.Steps = 1
	}
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := newSession(c)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if !none {
		if err := s.run(ctx); err != nil {
			return nil, err
		}
		if s.interrupted {
			return nil, ctx.Err()
		}
	}
	x, err := s.sample()
	if err != nil {
		return nil, err
	}
	seen := make([][]float32, len(s.net.Activations()))
	examples := len(x) / data.Size(c.XShape)
	err = s.eachInput(s.net, x, func(place int, pre []float32) {
		perBatch := max(1, perPlace*min(c.Batch, examples)/examples)
		stride := max(1, len(pre)/perBatch) | 1 // odd, to fall on all channels
		for i := 0; i < len(pre); i += stride {
			seen[place] = append(seen[place], pre[i])
		}
	})
	if err != nil {
		return nil, err
	}
	domains := make([][2]float64, len(seen))
	for i, v := range seen {
		if domains[i], err = spanOf(v, quantile); err != nil {
			return nil, fmt.Errorf("activation %d: %w", i, err)
		}
	}
	return domains, nil
}

// spanOf returns the quantiles q and 1 − q of v, which it sorts.
func spanOf(v []float32, q float64) ([2]float64, error) {
	if len(v) == 0 {
		return [2]float64{}, fmt.Errorf("it has no inputs")
	}
	for _, e := range v {
		if !finite(float64(e)) {
			return [2]float64{}, fmt.Errorf("one of its inputs is %v", e)
		}
	}
	slices.Sort(v)
	k := int(q * float64(len(v)-1))
	a, b := float64(v[k]), float64(v[len(v)-1-k])
	if a >= b {
		return [2]float64{}, fmt.Errorf("its inputs are all %v between the quantiles", a)
	}
	return [2]float64{a, b}, nil
}
