package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// plain computes networks from their documentation by loops over slices; their activation is
// the hyperbolic tangent.
type plain struct {
	t              *testing.T
	mode           Mode
	weights, state gorgonia.Nodes // not yet used
	x              []float64
	shape          tensor.Shape
}

// next returns the next of the weights and biases, or of the state.
func (p *plain) next(from *gorgonia.Nodes) ([]float64, tensor.Shape) {
	n := (*from)[0]
	*from = (*from)[1:]
	return numbers(p.t, n.Value()), n.Shape()
}

func (p *plain) conv(stride, pad int, bias bool) {
	var b []float64
	f, s := p.next(&p.weights)
	if bias {
		b, _ = p.next(&p.weights)
	}
	o := ConvOptions{Stride: stride, Pad: pad}
	p.x = convLoop(p.x, f, b, p.shape, s, o)
	p.shape = tensor.Shape{p.shape[0], s[0], (p.shape[2]+2*pad-s[2])/stride + 1, (p.shape[3]+2*pad-s[3])/stride + 1}
}

func (p *plain) linear() {
	w, s := p.next(&p.weights)
	b, _ := p.next(&p.weights)
	var y []float64
	for n := range p.shape[0] {
		for j := range s[1] {
			sum := b[j]
			for i := range s[0] {
				sum += p.x[n*s[0]+i] * w[i*s[1]+j]
			}
			y = append(y, sum)
		}
	}
	p.x, p.shape = y, tensor.Shape{p.shape[0], s[1]}
}

func (p *plain) norm() {
	scale, _ := p.next(&p.weights)
	shift, _ := p.next(&p.weights)
	mean, _ := p.next(&p.state)
	variance, _ := p.next(&p.state)
	c := p.shape[1]
	inner := len(p.x) / p.shape[0] / c
	of := func(i int) int { return i / inner % c }
	if p.mode == Training {
		for k := range c {
			var in []float64
			for i, e := range p.x {
				if of(i) == k {
					in = append(in, e)
				}
			}
			mean[k], variance[k] = stat.PopMeanVariance(in, nil)
		}
	}
	p.each(func(i int, e float64) float64 {
		return (e-mean[of(i)])/math.Sqrt(variance[of(i)]+1e-5)*scale[of(i)] + shift[of(i)]
	})
}

// each replaces all numbers.
func (p *plain) each(f func(i int, e float64) float64) {
	y := make([]float64, len(p.x))
	for i, e := range p.x {
		y[i] = f(i, e)
	}
	p.x = y
}

func (p *plain) tanh() { p.each(func(_ int, e float64) float64 { return math.Tanh(e) }) }

// resize makes images of other height and width, whose pixels f computes of a plane.
func (p *plain) resize(h, w int, f func(at func(i, j int) float64, i, j int) float64) {
	var y []float64
	n := p.shape[2] * p.shape[3]
	for k := range p.shape[0] * p.shape[1] {
		for i := range h {
			for j := range w {
				y = append(y, f(func(r, s int) float64 { return p.x[k*n+r*p.shape[3]+s] }, i, j))
			}
		}
	}
	p.x, p.shape = y, tensor.Shape{p.shape[0], p.shape[1], h, w}
}

func (p *plain) maxPool() {
	p.resize(p.shape[2]/2, p.shape[3]/2, func(at func(i, j int) float64, i, j int) float64 {
		return max(at(2*i, 2*j), at(2*i, 2*j+1), at(2*i+1, 2*j), at(2*i+1, 2*j+1))
	})
}

func (p *plain) upsample() {
	p.resize(2*p.shape[2], 2*p.shape[3], func(at func(i, j int) float64, i, j int) float64 { return at(i/2, j/2) })
}

// unit is a convolution of stride 1 with a normalisation and the activation.
func (p *plain) unit() {
	p.conv(1, 1, false)
	p.norm()
	p.tanh()
}

func (p *plain) resnet() {
	p.unit()
	for _, stride := range []int{1, 2} {
		in := *p
		p.conv(stride, 1, false)
		p.norm()
		p.tanh()
		p.conv(1, 1, false)
		p.norm()
		if stride == 2 {
			in.weights, in.state = p.weights, p.state
			in.conv(2, 0, false)
			in.norm()
			p.weights, p.state = in.weights, in.state
		}
		p.each(func(i int, e float64) float64 { return math.Tanh(e + in.x[i]) })
	}
	n := p.shape[2] * p.shape[3]
	var means []float64
	for i := 0; i < len(p.x); i += n {
		means = append(means, stat.Mean(p.x[i:i+n], nil))
	}
	p.x = means
	p.linear()
}

func (p *plain) unet() {
	p.unit()
	p.unit()
	skip := *p
	p.maxPool()
	p.unit()
	p.unit()
	p.upsample()
	var y []float64 // first the channels of the way down
	n, m := len(skip.x)/p.shape[0], len(p.x)/p.shape[0]
	for k := range p.shape[0] {
		y = append(append(y, skip.x[k*n:][:n]...), p.x[k*m:][:m]...)
	}
	p.x, p.shape = y, tensor.Shape{p.shape[0], p.shape[1] + skip.shape[1], p.shape[2], p.shape[3]}
	p.unit()
	p.unit()
	p.conv(1, 0, true)
}

func (p *plain) generator() {
	p.linear()
	p.shape = tensor.Shape{p.shape[0], p.shape[1] / 16, 4, 4}
	p.norm()
	p.tanh()
	p.upsample()
	p.unit()
	p.conv(1, 1, true)
	p.tanh()
}

func (p *plain) discriminator() {
	p.conv(2, 1, true)
	p.tanh()
	p.conv(2, 1, false)
	p.norm()
	p.tanh()
	p.linear()
}

func (p *plain) layers(first int) {
	for k := range 3 {
		if p.linear(); k >= first && k < 2 {
			p.tanh()
		}
	}
}

// features puts n functions in place of each number.
func (p *plain) features(n int, f func(x float64, k int) float64) {
	var y []float64
	for _, x := range p.x {
		for k := range n {
			y = append(y, f(x, k))
		}
	}
	p.x = y
}

func (p *plain) coord() {
	p.features(5, func(x float64, k int) float64 {
		return []float64{x, math.Sin(math.Pi * x), math.Cos(math.Pi * x), math.Sin(2 * math.Pi * x), math.Cos(2 * math.Pi * x)}[k]
	})
	p.layers(0)
}

func (p *plain) chebyshev() {
	p.features(4, func(x float64, k int) float64 { return math.Cos(float64(k+1) * math.Acos(x)) })
	p.layers(1)
}

func (p *plain) lenet() {
	for range 2 {
		p.conv(1, 1, false)
		p.tanh()
		p.maxPool()
	}
	p.linear()
}

// TestForwardByLoops: what networks compute is what their documentation says, in both modes.
func TestForwardByLoops(t *testing.T) {
	for _, n := range testNetworks {
		for _, mode := range []Mode{Training, Evaluation} {
			p := &plain{t: t, mode: mode}
			forward := map[string]func(){
				"mlp": func() { p.layers(0) }, "lenet": p.lenet, "resnet": p.resnet, "unet": p.unet, "generator": p.generator,
				"discriminator": p.discriminator, "coord": p.coord, "chebyshev": p.chebyshev,
			}[n.name]
			if n.name == "dropout" {
				if forward = func() { p.layers(0) }; mode == Training {
					continue // at random
				}
			}
			require.NotNil(t, forward, "write down what %s computes", n.name)
			rng := rand.New(rand.NewPCG(6, 6))
			g := gorgonia.NewGraph()
			net, err := smallNetwork(n.name, g, baselineOf(t, "tanh"), tensor.Float64, mode)
			require.NoError(t, err)
			for _, l := range append(net.Weights(), net.State()...) { // off their start
				x := numbers(t, l.Value())
				for i := range x {
					x[i] += 0.4 * rng.Float64()
				}
				set(t, l, x)
			}
			p.shape = append(tensor.Shape{3}, n.input...)
			p.x = uniform(rng, p.shape.TotalSize(), 1)
			p.weights, p.state = net.Weights(), net.State()
			y, err := net.Forward(input(g, tensor.Float64, p.shape, "x", p.x))
			require.NoError(t, err)
			if forward(); n.name != "dropout" {
				require.Empty(t, p.state, n.name)
			}
			require.Empty(t, p.weights, n.name)
			var v gorgonia.Value
			gorgonia.Read(y, &v)
			vm := gorgonia.NewTapeMachine(g)
			require.NoError(t, vm.RunAll())
			require.NoError(t, vm.Close())
			require.Equal(t, p.shape, y.Shape(), n.name)
			near(t, p.x, numbers(t, v), 1e-11, 1e-11, "%s, %v", n.name, mode) // sums in another order
		}
	}
}
